/** A contestant as the parent sees it: a child process that answers one request at a time, or is ended. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Starts the module at `url` for one case in a child process. */
export function startContestant(url, { caseId, timeout }) {
  const child = fork(fileURLToPath(new URL("./child.mjs", import.meta.url)), [url.href, caseId], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors = (errors + chunk).slice(-4000);
  });

  /** The child's answer, or { reason } when it is too slow or gone. */
  function ask(request) {
    if (child.exitCode !== null || child.signalCode !== null)
      return Promise.resolve({ reason: "it has ended" });
    return new Promise((resolve) => {
      const finish = (answer) => {
        clearTimeout(timer);
        child.off("message", finish);
        child.off("exit", gone);
        resolve(answer);
      };
      const gone = () => finish({ reason: errors.trim().split("\n")[0] || "it ended without a word" });
      const timer = setTimeout(() => {
        child.kill("SIGKILL");
        finish({ reason: `took more than ${timeout / 1000} s` });
      }, timeout);
      child.once("message", finish);
      child.once("exit", gone);
      child.send(request, (error) => {
        if (error) gone();
      });
    });
  }

  return { ask, stop: () => child.kill() };
}
