/** `tulle check FILE...`: parse and check, diagnostics with spans. */
import { checkSource } from "../../check-source.js";
import type { Command } from "../command.js";
import { diagnosticsToJson, reportDiagnostics, setOption, visitSources } from "../source.js";

export const checkCommand: Command = {
  name: "check",
  summary: "check every name, size and shape of .net files",
  usage: "FILE... [--set NAME=VALUE] [--json]",
  description:
    "Parses and checks the files and prints what is wrong with them, where, and what to do. " +
    "Nothing is run. With --json, a list of diagnostics with positions in lines and columns from 1.",
  options: [
    setOption,
    { name: "hints", summary: "print hints too, such as a stride that drops rows" },
    { name: "json", summary: "print diagnostics as JSON" },
  ],
  examples: ["tulle check dsl-examples/*.net", "tulle check autoencoder.net --set Autoencoder.code=16"],
  run: (input) => {
    const { positionals, options, terminal } = input;
    const json: unknown[] = [];
    let errors = 0;
    const unreadable = visitSources("check", input, (source) => {
      const { diagnostics } = checkSource(source.text, source.options);
      errors += diagnostics.filter((diagnostic) => diagnostic.severity === "error").length;
      if (options.flag("json")) json.push(...diagnosticsToJson(source, diagnostics));
      else {
        const shown = options.flag("hints")
          ? diagnostics
          : diagnostics.filter((diagnostic) => diagnostic.severity !== "hint");
        reportDiagnostics(source, shown, terminal);
      }
    });
    errors += unreadable;
    const files = positionals.length === 1 ? "1 file" : `${String(positionals.length)} files`;
    if (options.flag("json")) terminal.out(`${JSON.stringify({ diagnostics: json }, null, 2)}\n`);
    else if (errors === 0) terminal.out(`${files} checked, no errors\n`);
    else terminal.error(`${files} checked, ${String(errors)} ${errors === 1 ? "error" : "errors"}\n`);
    return errors === 0 ? 0 : 1;
  },
};
