/** Conditions on sizes: what a comparison says, whether or not it can be decided now. */
import {
  type Size,
  asConstant,
  equal,
  evaluate,
  format,
  subtract,
  substitute,
  variablesOf,
} from "../../sizes/size.js";

export type Condition =
  | {
      readonly kind: "compare";
      readonly relation: "==" | "!=" | "<" | "<=";
      readonly left: Size;
      readonly right: Size;
    }
  | { readonly kind: "and" | "or"; readonly left: Condition; readonly right: Condition }
  | { readonly kind: "not"; readonly operand: Condition };

/** The same condition about other sizes. */
export function substituteCondition(condition: Condition, sizes: ReadonlyMap<string, Size>): Condition {
  switch (condition.kind) {
    case "compare":
      return {
        ...condition,
        left: substitute(condition.left, sizes),
        right: substitute(condition.right, sizes),
      };
    case "not":
      return { ...condition, operand: substituteCondition(condition.operand, sizes) };
    case "and":
    case "or":
      return {
        ...condition,
        left: substituteCondition(condition.left, sizes),
        right: substituteCondition(condition.right, sizes),
      };
  }
}

/** Whether it holds at these numbers. */
export function holdsAt(condition: Condition, variables: ReadonlyMap<string, number>): boolean {
  switch (condition.kind) {
    case "compare":
      return compareNumbers(
        condition.relation,
        evaluate(condition.left, variables),
        evaluate(condition.right, variables),
      );
    case "not":
      return !holdsAt(condition.operand, variables);
    case "and":
      return holdsAt(condition.left, variables) && holdsAt(condition.right, variables);
    case "or":
      return holdsAt(condition.left, variables) || holdsAt(condition.right, variables);
  }
}

function compareNumbers(relation: "==" | "!=" | "<" | "<=", left: number, right: number): boolean {
  switch (relation) {
    case "==":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
      return left < right;
    case "<=":
      return left <= right;
  }
}

/** `H % 32 == 0` */
export function formatCondition(condition: Condition): string {
  switch (condition.kind) {
    case "compare":
      return formatComparison(condition);
    case "not":
      return `not (${formatCondition(condition.operand)})`;
    case "and":
    case "or":
      return `${formatCondition(condition.left)} ${condition.kind} ${formatCondition(condition.right)}`;
  }
}

function formatComparison({ relation, left, right }: Condition & { kind: "compare" }): string {
  const divisibility = relation === "==" ? asDivisibility(subtract(left, right)) : null;
  if (divisibility !== null) return divisibility;
  // `1 <= H` reads better as `H >= 1`.
  if (asConstant(left) === null || relation === "==" || relation === "!=") {
    return `${format(left)} ${relation} ${format(right)}`;
  }
  return `${format(right)} ${relation === "<" ? ">" : ">="} ${format(left)}`;
}

/** x - d*floor(x / d) == 0 says that d divides x. */
function asDivisibility(difference: Size): string | null {
  const rounded = asEqualRounding(difference);
  if (rounded !== null) return rounded;
  for (const term of difference.terms) {
    const [atom] = term.atoms;
    if (term.atoms.length !== 1 || atom!.kind !== "floor") continue;
    const rest = { terms: difference.terms.filter((other) => other !== term) };
    const sign = term.coefficient < 0 ? 1 : -1;
    const dividend = sign === 1 ? rest : subtract({ terms: [] }, rest);
    const divisor = -sign * term.coefficient;
    if (
      equal(atom!.dividend, dividend) &&
      equal(atom!.divisor, { terms: [{ coefficient: divisor, atoms: [] }] })
    ) {
      const text = format(dividend);
      return `${dividend.terms.length > 1 ? `(${text})` : text} % ${String(divisor)} == 0`;
    }
  }
  return null;
}

/** ceil(x / d) - floor(x / d) == 0 says so too; the normal form of ceil is floor((x + d - 1) / d). */
function asEqualRounding({ terms }: Size): string | null {
  const [first, second] = terms.map(({ atoms }) => (atoms.length === 1 ? atoms[0] : undefined));
  const isDifference = terms.length === 2 && terms[0]!.coefficient + terms[1]!.coefficient === 0;
  if (!isDifference || first?.kind !== "floor" || second?.kind !== "floor") return null;
  const divisor = asConstant(first.divisor);
  if (divisor === null || !equal(first.divisor, second.divisor)) return null;
  const difference = asConstant(subtract(first.dividend, second.dividend));
  if (difference === null || Math.abs(difference) !== divisor - 1) return null;
  const { dividend } = difference > 0 ? second : first;
  const text = format(dividend);
  return `${dividend.terms.length > 1 ? `(${text})` : text} % ${String(divisor)} == 0`;
}

/** The names of the size variables it speaks about. */
export function variablesOfCondition(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case "compare":
      return [...new Set([...variablesOf(condition.left), ...variablesOf(condition.right)])];
    case "not":
      return variablesOfCondition(condition.operand);
    case "and":
    case "or":
      return [
        ...new Set([...variablesOfCondition(condition.left), ...variablesOfCondition(condition.right)]),
      ];
  }
}
