/**
 * Pieces of HTML as text. Everything that is given as text is escaped here and nowhere else.
 */
import { escapeText } from "../../chart/svg-chart.js";
import { reportStyle } from "./style.js";

/** HTML that is ready to be put into a page. */
export type Html = string & { readonly __brand: "Html" };

/** Words that mean themselves. */
export function words(text: string): Html {
  return escapeText(text) as Html;
}

/** Pieces one after the other; null and empty ones are left out. */
export function all(...pieces: readonly (Html | null)[]): Html {
  return pieces.filter((piece) => piece !== null && piece !== "").join("\n") as Html;
}

/** An element with attributes and content. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  ...content: readonly (Html | null)[]
): Html {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeText(value)}"`);
  const isVoid = name === "img";
  return `<${name}${written.join("")}>${isVoid ? "" : `${all(...content)}</${name}>`}` as Html;
}

export function section(title: string, ...content: readonly (Html | null)[]): Html | null {
  const inside = all(...content);
  return inside === "" ? null : element("section", {}, element("h2", {}, words(title)), inside);
}

export interface TableColumn {
  readonly title: string;
  readonly align: "left" | "right";
}

/** Cells are words unless they are HTML already. */
export function table(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): Html {
  const cell = (name: "th" | "td", text: string, column: TableColumn | undefined): Html =>
    element(name, column?.align === "right" ? { class: "number" } : {}, words(text));
  return element(
    "div",
    { class: "scroll" },
    element(
      "table",
      {},
      element("thead", {}, element("tr", {}, ...columns.map((column) => cell("th", column.title, column)))),
      element(
        "tbody",
        {},
        ...rows.map((row) =>
          element("tr", {}, ...row.map((text, index) => cell("td", text, columns[index]))),
        ),
      ),
    ),
  );
}

/** A table that opens when asked for. */
export function details(summary: string, content: Html): Html {
  return element("details", {}, element("summary", {}, words(summary)), content);
}

/** Names and what they are, in two columns. */
export function facts(pairs: readonly (readonly [string, string])[]): Html {
  return element(
    "dl",
    {},
    ...pairs.map(([name, value]) =>
      element("div", {}, element("dt", {}, words(name)), element("dd", {}, words(value))),
    ),
  );
}

/** A picture with what it shows, in words, for those who do not see it. */
export function figure(source: string, description: string, caption: string | null, kind = "chart"): Html {
  return element(
    "figure",
    { class: kind },
    element("img", { src: source, alt: description }),
    caption === null ? null : element("figcaption", {}, words(caption)),
  );
}

/** A drawing inside of the page, on its own, so that its styles stay its own. */
export function drawing(svg: string, description: string): Html {
  return figure(`data:image/svg+xml,${encodeURIComponent(svg)}`, description, null);
}

/** A whole document that needs nothing else. */
export function document(title: string, subtitle: string, ...content: readonly (Html | null)[]): string {
  return [
    "<!doctype html>",
    `<html lang="en">`,
    "<head>",
    `<meta charset="utf-8">`,
    `<meta name="viewport" content="width=device-width, initial-scale=1">`,
    `<meta name="color-scheme" content="light dark">`,
    `<title>${escapeText(title)}</title>`,
    `<style>${reportStyle}</style>`,
    "</head>",
    "<body>",
    "<main>",
    element("header", {}, element("h1", {}, words(title)), element("p", {}, words(subtitle))),
    all(...content),
    "</main>",
    "</body>",
    "</html>",
    "",
  ].join("\n");
}
