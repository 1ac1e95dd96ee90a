import { expect, test } from "vitest";
import { diagnostic } from "../../compiler/diagnostics/diagnostic.js";
import { toJson } from "../../compiler/diagnostics/json.js";

test("a diagnostic as plain data, with lines and columns where the text is known", () => {
  const span = { file: "a.net", start: 4, end: 6 };
  const problem = diagnostic("name", span, "`yz` is unknown", {
    label: "here",
    related: [{ span: { file: "b.net", start: 1, end: 2 }, label: "there" }],
    notes: ["a note"],
    suggestion: { message: "Did you mean `y`?", edits: [{ span, text: "y" }] },
  });
  const place = {
    file: "a.net",
    start: { offset: 4, line: 2, column: 2 },
    end: { offset: 6, line: 2, column: 4 },
  };
  const json = toJson(problem, (file) => (file === "a.net" ? "ab\nxyz" : null));
  expect(JSON.parse(JSON.stringify(json))).toEqual({
    code: "name",
    severity: "error",
    message: "`yz` is unknown",
    span: place,
    label: "here",
    related: [
      {
        span: {
          file: "b.net",
          start: { offset: 1, line: null, column: null },
          end: { offset: 2, line: null, column: null },
        },
        label: "there",
      },
    ],
    notes: ["a note"],
    suggestion: { message: "Did you mean `y`?", edits: [{ span: place, text: "y" }] },
  });
});
