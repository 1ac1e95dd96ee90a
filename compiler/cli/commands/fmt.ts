/** `tulle fmt [--check] FILE...`: formats in place. */
import { readFileSync } from "node:fs";
import { writeFileAtomically } from "../../../runtime/files/node-files.js";
import { format } from "../../syntax/format.js";
import { type Command, UsageError } from "../command.js";
import { readSource, reportDiagnostics } from "../source.js";

export const fmtCommand: Command = {
  name: "fmt",
  summary: "format .net files",
  usage: "[--check] FILE...",
  description:
    "Rewrites the files in the one layout. A file with a syntax error is left as it is. " +
    "With --check nothing is written, and the exit code is 1 when a file would change.",
  options: [{ name: "check", summary: "only say which files would change" }],
  examples: ["tulle fmt dsl-examples/*.net"],
  run: ({ positionals, options, terminal }) => {
    if (positionals.length === 0) throw new UsageError("tulle fmt needs a .net file: tulle fmt FILE...");
    let failed = false;
    for (const path of positionals) {
      const source = readSource(path, options);
      const result = format(source.text, path);
      if ("diagnostics" in result) {
        reportDiagnostics(source, result.diagnostics, terminal);
        failed = true;
      } else if (result.text !== readFileSync(path, "utf8")) {
        if (options.flag("check")) failed = true;
        else writeFileAtomically(path, result.text);
        terminal.out(`${path}${options.flag("check") ? " would change" : ""}\n`);
      }
    }
    return failed ? 1 : 0;
  },
};
