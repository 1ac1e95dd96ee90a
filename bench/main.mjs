/**
 * `npm run bench`: the same work by Tulle and by the libraries people use, side by
 * side in one run on one thread each, beside what the machine can do at most.
 *
 * Every contestant has a process of its own per case; rounds take turns, and the
 * median over the rounds is shown, so that a disturbance hits everybody alike.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { cases } from "./cases.mjs";
import { startContestant } from "./contestant.mjs";
import { ablations, peers, tulle } from "./contestants.mjs";
import { measureLimits } from "./limits.mjs";
import { printCase, printLimits } from "./report.mjs";

const usage = `Usage: npm run bench -- [options]

  --only TEXT    only cases and contestants whose name contains TEXT; may be repeated
  --quick        fewer and shorter rounds
  --no-peers     only Tulle; the peers need not be installed
  --ablation     Tulle beside itself, with each optimization off
  --json         print one JSON object instead of tables
  --timeout S    seconds until an answer counts as missing (default 60)
  --help

Cases: ${cases.map(({ id }) => id).join(", ")}, limits.`;

const options = readOptions();
const say = options.json ? () => {} : console.log;
if (!existsSync(new URL("../dist/index.js", import.meta.url)))
  fail("dist/ is missing: run `npm run build` first.");
if (!options["no-peers"] && !options.ablation) installPeers();
const { optimizations } = await import("../dist/index.js");

const chosen = chooseWork(options.only);
const report = { machine: machine(), limits: null, cases: [] };
say(`${report.machine.processor}, ${report.machine.engine}, one thread`);
say("Medians over rounds that take turns; a call goes from the caller's array to the caller's array.\n");
if (chosen.limits) {
  report.limits = await measureLimits();
  if (!options.json) printLimits(report.limits);
}
for (const each of chosen.cases) {
  const results = await compare(each, chosen.contestants);
  report.cases.push({ id: each.id, title: each.title, work: each.work, results });
  if (!options.json) printCase(each, results);
}
if (options.json) console.log(JSON.stringify(report, null, 2));

/** Median milliseconds of everyone who computes the case correctly; the reason for everyone else. */
async function compare({ id }, contestants) {
  const timeout = 1000 * Number(options.timeout);
  const { rounds, milliseconds } = options.quick
    ? { rounds: 3, milliseconds: 100 }
    : { rounds: 9, milliseconds: 250 };
  const running = contestants.map((contestant) => ({
    id: contestant.id,
    title: contestant.title,
    process: startContestant(new URL(contestant.module, import.meta.url), { caseId: id, timeout }),
    means: [],
    obstacle: null,
  }));
  try {
    for (const each of running) {
      const { reason, problem } = await each.process.ask({ command: "prepare" });
      each.obstacle = problem === undefined ? (reason ?? null) : `computes wrongly: ${problem}`;
    }
    for (let round = 0; round < rounds; round++) {
      for (const each of running.filter(({ obstacle }) => obstacle === null)) {
        const { mean, reason } = await each.process.ask({ command: "time", milliseconds });
        if (reason === undefined) each.means.push(mean);
        else each.obstacle = reason;
      }
    }
  } finally {
    for (const each of running) each.process.stop();
  }
  return running.map(({ id, title, means, obstacle }) =>
    obstacle === null
      ? { id, title, median: median(means), fastest: Math.min(...means), slowest: Math.max(...means) }
      : { id, title, obstacle },
  );
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Words of --only that name cases narrow the cases, words that name contestants the contestants. */
function chooseWork(words) {
  const all = [tulle, ...(options.ablation ? ablations(optimizations) : options["no-peers"] ? [] : peers)];
  const named = (name) => words.some((word) => name.includes(word));
  const someCase = [...cases.map(({ id }) => id), "limits"].some(named);
  const someContestant = all.some(({ id }) => named(id));
  const stray = words.find(
    (word) => ![...cases, ...all, { id: "limits" }].some(({ id }) => id.includes(word)),
  );
  if (stray !== undefined) fail(`nothing is called ${stray}\n\n${usage}`);
  return {
    limits: words.length === 0 || named("limits"),
    cases: someCase ? cases.filter(({ id }) => named(id)) : cases,
    contestants: someContestant ? all.filter(({ id }) => named(id)) : all,
  };
}

/** Installs bench/package.json when a peer is missing; the project itself does not need it. */
function installPeers() {
  const folder = fileURLToPath(new URL(".", import.meta.url));
  const missing = peers.filter(({ packageName }) => !existsSync(`${folder}node_modules/${packageName}`));
  if (missing.length === 0) return;
  console.error(
    `Installing ${missing.map(({ title }) => title).join("; ")} into bench/node_modules (450 MB, once).`,
  );
  const { status } = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) fail("The peers could not be installed; --no-peers measures Tulle alone.");
}

function machine() {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown processor",
    cores: cpus().length,
    engine: `Node ${process.versions.node}`,
  };
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: "string", multiple: true, default: [] },
        quick: { type: "boolean", default: false },
        "no-peers": { type: "boolean", default: false },
        ablation: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        timeout: { type: "string", default: "60" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    if (!(Number(values.timeout) > 0)) throw new Error(`--timeout takes seconds, not ${values.timeout}`);
    return values;
  } catch (error) {
    return fail(`${error.message}\n\n${usage}`);
  }
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
