/** Sizes as people write them: `2*H + floor(W / 2) - 1`. */
import { type Atom, type Size, asConstant, constant, isRepresentable, subtract } from "./polynomial.js";

/** `2*H + ceil(W / 2) - 1`; text that the language reads back as the same size. */
export function format(size: Size): string {
  if (!isRepresentable(size)) return "?";
  if (size.terms.length === 0) return "0";
  return size.terms
    .map(({ coefficient, atoms }, index) => {
      const magnitude = Math.abs(coefficient);
      const factors = atoms.map(formatAtom);
      const product = magnitude === 1 && factors.length > 0 ? factors : [String(magnitude), ...factors];
      const sign = index === 0 ? (coefficient < 0 ? "-" : "") : coefficient < 0 ? " - " : " + ";
      return sign + product.join("*");
    })
    .join("");
}

function formatAtom(atom: Atom): string {
  if (atom.kind === "variable") return atom.name;
  const divisor = asConstant(atom.divisor);
  if (atom.kind === "floor" && divisor !== null) {
    // floor((x + d - 1) / d) is better known as ceil(x / d).
    const constantTerm = atom.dividend.terms.find(({ atoms }) => atoms.length === 0)?.coefficient ?? 0;
    if (constantTerm === divisor - 1) {
      return formatDivision("ceil", subtract(atom.dividend, constant(constantTerm)), atom.divisor);
    }
  }
  return formatDivision(atom.kind, atom.dividend, atom.divisor);
}

function formatDivision(kind: "floor" | "ceil", dividend: Size, divisor: Size): string {
  return `${kind}(${operand(dividend)} / ${operand(divisor)})`;
}

/** Parenthesized when it is a sum, or a product that would be divided only in part. */
function operand(size: Size): string {
  const [first] = size.terms;
  const isAtomic =
    size.terms.length === 0 ||
    (size.terms.length === 1 &&
      (first!.atoms.length === 0 || (first!.atoms.length === 1 && first!.coefficient === 1)));
  return isAtomic ? format(size) : `(${format(size)})`;
}
