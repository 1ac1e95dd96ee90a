/**
 * Concrete syntax -> settings of blocks and nets, and what is written among them in other
 * languages: types, which settings do not have, and inputs, which stand behind a `:`.
 */
import type { CstNode } from "chevrotain";
import type { Span } from "../../diagnostics/diagnostic.js";
import { diagnostic } from "../../diagnostics/diagnostic.js";
import type { SettingDeclaration } from "../ast.js";
import type { TreeContext } from "./cst.js";
import {
  checkCommas,
  containsDamage,
  identifier,
  nodeOf,
  nodesOf,
  spanBetween,
  spanOfNode,
  spanOfToken,
  tokenOf,
} from "./cst.js";
import { buildExpression } from "./expressions.js";

/** The settings in the parentheses of a `settings` node; `owner` is what they belong to: `net LeNet5`. */
export function buildSettings(
  node: CstNode | undefined,
  owner: string,
  context: TreeContext,
): SettingDeclaration[] {
  const list = node === undefined ? undefined : nodeOf(node, "settingList");
  if (node === undefined || list === undefined) return [];
  const nodes = nodesOf(list, "setting").filter((setting) => tokenOf(setting, "Identifier") !== undefined);
  const settings = nodes.map((setting): SettingDeclaration => {
    const span = spanOfNode(setting, 0, context.file);
    const hasDefault = tokenOf(setting, "Equals") !== undefined;
    return {
      span,
      name: identifier(tokenOf(setting, "Identifier")!, context),
      isBlock: tokenOf(setting, "Block") !== undefined,
      default: hasDefault ? buildExpression(nodeOf(setting, "default"), span.end, context) : null,
    };
  });
  checkCommas(
    list,
    settings.map((setting) => setting.span),
    context,
  );
  const inputs = nodes.flatMap((setting) => inputOf(setting, context) ?? []);
  if (inputs.length > 0) reportInputs(inputs, inputs.length === nodes.length ? node : null, owner, context);
  for (const setting of nodes) reportType(setting, context);
  return settings;
}

/** Whether a list of settings holds something else, which is reported. */
export function hasMisusedSettings(node: CstNode): boolean {
  const list = nodeOf(node, "settingList");
  const settings = list === undefined ? [] : nodesOf(list, "setting");
  return settings.some((setting) => nodesOf(setting, "shape").length + nodesOf(setting, "type").length > 0);
}

/** `image[N, 1, 28, 28]`, or `image: [N, 1, 28, 28]`. */
interface MisplacedInput {
  readonly span: Span;
  /** As it is written in a signature. */
  readonly text: string;
}

function inputOf(setting: CstNode, context: TreeContext): MisplacedInput | null {
  const name = tokenOf(setting, "Identifier")!;
  const type = nodeOf(setting, "type");
  const shape = nodeOf(setting, "shape") ?? (type !== undefined && isList(type, context) ? type : undefined);
  if (shape === undefined || containsDamage(shape)) return null;
  const shapeSpan = spanOfNode(shape, 0, context.file);
  const span = spanBetween(spanOfToken(name, context.file), shapeSpan);
  return { span, text: `${name.image}${context.textBetween(shapeSpan.start, shapeSpan.end)}` };
}

function isList(type: CstNode, context: TreeContext): boolean {
  return buildExpression(type, 0, context).kind === "list";
}

/** `settings` is the list in its parentheses when it holds nothing but inputs. */
function reportInputs(
  inputs: readonly MisplacedInput[],
  settings: CstNode | null,
  owner: string,
  context: TreeContext,
): void {
  const texts = inputs.map(({ text }) => text).join(", ");
  const signature = inputs.length === 1 ? texts : `(${texts})`;
  context.report(
    diagnostic("syntax", inputs[0]!.span, "this is an input, and it stands where settings stand", {
      suggestion: {
        message: `Inputs stand after a \`:\`, behind the settings if there are any: ${owner}${settings === null ? "(...)" : ""}: ${signature}`,
        edits:
          settings === null ? [] : [{ span: spanOfNode(settings, 0, context.file), text: `: ${signature}` }],
      },
    }),
  );
}

/** `width: int` */
function reportType(setting: CstNode, context: TreeContext): void {
  const type = nodeOf(setting, "type");
  if (type === undefined || containsDamage(type) || inputOf(setting, context) !== null) return;
  const name = tokenOf(setting, "Identifier")!;
  const span = spanOfNode(type, 0, context.file);
  const start = spanOfToken(name, context.file).end;
  const value = nodeOf(setting, "default");
  const valueSpan = value === undefined ? null : spanOfNode(value, 0, context.file);
  const isLayer = /layer|module|block|net|callable/i.test(context.textBetween(span.start, span.end));
  if (isLayer) {
    context.report(
      diagnostic("syntax", span, "a setting that is given a layer is declared with the word `block`", {
        suggestion: { message: `Write \`${name.image}: block\`.`, edits: [{ span, text: "block" }] },
      }),
    );
    return;
  }
  const plain =
    valueSpan === null
      ? `\`${name.image}\` alone, or with a default: \`${name.image} = 64\``
      : `\`${name.image} = ${context.textBetween(valueSpan.start, valueSpan.end)}\``;
  context.report(
    diagnostic("syntax", span, "settings have no types", {
      suggestion: {
        message: `Write ${plain}. Only a setting that is given a layer says so: \`Unit: block\`.`,
        edits: [{ span: { file: context.file, start, end: span.end }, text: "" }],
      },
    }),
  );
}
