/** `tulle fmt [--check] FILE...`: formats in place. */
import { writeFileAtomically } from "../../../runtime/files/node-files.js";
import { format } from "../../syntax/format.js";
import type { Command } from "../command.js";
import { reportDiagnostics, visitSources } from "../source.js";

export const fmtCommand: Command = {
  name: "fmt",
  summary: "format .net files",
  usage: "[--check] FILE...",
  description:
    "Rewrites the files in the one layout and prints the names of those that changed. A file with a syntax error is left as it is. " +
    "With --check nothing is written, and the exit code is 1 when a file would change.",
  options: [{ name: "check", summary: "only say which files would change" }],
  examples: ["tulle fmt dsl-examples/*.net"],
  run: (input) => {
    const { options, terminal } = input;
    let failed = false;
    const unreadable = visitSources("fmt", input, (source) => {
      const { path, text } = source;
      const result = format(text, path);
      if ("diagnostics" in result) {
        reportDiagnostics(source, result.diagnostics, terminal);
        failed = true;
      } else if (result.text !== text) {
        if (options.flag("check")) failed = true;
        else writeFileAtomically(path, result.text);
        terminal.out(`${path}${options.flag("check") ? " would change" : ""}\n`);
      }
    });
    return failed || unreadable > 0 ? 1 : 0;
  },
};
