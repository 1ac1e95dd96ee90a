/** The texts of `tulle --help` and `tulle COMMAND --help`. */
import { helpOption } from "./arguments.js";
import type { Command, OptionDefinition } from "./command.js";

export function generalHelp(commands: readonly Command[], version: string): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  const lines = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
  return `tulle ${version}: neural networks written as you would draw them

Usage: tulle COMMAND ...

${lines.join("\n")}

tulle COMMAND --help says more about one. A first run:

  tulle train dsl-examples/lenet.net --train mnist --data digits --epochs 5
`;
}

export function commandHelp(command: Command): string {
  const options = [...command.options, helpOption];
  const rows = options.map((option) => [optionHead(option), option.summary] as const);
  const width = Math.max(...rows.map(([head]) => head.length));
  const table = rows.map(([head, summary]) => `  ${head.padEnd(width)}  ${summary}`);
  return `${command.summary}

Usage: tulle ${command.name} ${command.usage}

${wrap(command.description, 80)}

${table.join("\n")}

${command.examples.map((example) => `  ${example}`).join("\n")}
`;
}

function optionHead(option: OptionDefinition): string {
  const short = option.short === undefined ? "" : `-${option.short}, `;
  const value = option.value === undefined ? "" : ` ${option.value}`;
  return `${short}--${option.name}${value}`;
}

function wrap(text: string, width: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join("\n");
}
