/**
 * Tells the engine that this is a program of a second or two.
 *
 * Node 20 hands every function that has run for a while to compilers on other threads. A command is
 * over before most of that code is ready, and on few cores the compilers take half of the processor
 * from the command they mean to help. With a budget fifteen times as large, only what runs for long is
 * compiled: checking all examples takes half the time. Later engines count calls instead, and wait
 * by themselves; they do not know this setting.
 */
import process from "node:process";
import { setFlagsFromString } from "node:v8";

if (process.versions.v8.startsWith("11.3.")) setFlagsFromString("--interrupt-budget=1000000");
