#!/usr/bin/env node
/** The program `tulle`: connects the command line to this process. */
// First, so that it holds for all that follows.
import "./engine.js";
import process from "node:process";
import { runCommandLine } from "./dispatch.js";

// A reader that has seen enough (`tulle plan ... | head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});
// Progress that nobody reads any more is no reason to stop training.
process.stderr.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

process.exitCode = await runCommandLine(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
  isInteractive: process.stderr.isTTY && process.env["TERM"] !== "dumb",
  columns: process.stderr.columns || 80,
});
