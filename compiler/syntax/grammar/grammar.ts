/**
 * The grammar of the language, as a Chevrotain parser that makes a concrete syntax tree.
 *
 * Its input has balanced brackets and marked items (see `layout.ts`), so that after a
 * mistake it goes on at the next stage, argument, item or declaration.
 */
import * as t from "../lexer/tokens.js";
import { ExpressionGrammar } from "./expressions.js";
import type { GrammarOptions } from "./expressions.js";

export class Grammar extends ExpressionGrammar {
  constructor(options: GrammarOptions) {
    super(options);
    this.performSelfAnalysis();
  }

  // -------------------------------------------------------------- declarations

  readonly file = this.RULE("file", () => {
    this.MANY(() => this.SUBRULE(this.declaration));
  });

  private readonly declaration = this.RULE("declaration", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.importDeclaration) },
      { ALT: () => this.SUBRULE(this.constDeclaration) },
      { ALT: () => this.SUBRULE(this.blockDeclaration) },
      { ALT: () => this.SUBRULE(this.netDeclaration) },
      { ALT: () => this.SUBRULE(this.trainDeclaration) },
    ]);
    this.CONSUME(t.DeclarationEnd);
  });

  private readonly importDeclaration = this.RULE("importDeclaration", () => {
    this.CONSUME(t.Import);
    this.CONSUME(t.LeftBrace);
    this.SUBRULE(this.importedNames);
    this.CONSUME(t.RightBrace);
    this.CONSUME(t.From);
    this.CONSUME(t.StringToken);
  });

  private readonly importedNames = this.RULE("importedNames", () => {
    this.MANY(() => {
      this.SUBRULE(this.importedName);
      this.OPTION(() => this.CONSUME(t.Comma));
    });
  });

  private readonly importedName = this.RULE("importedName", () => {
    this.CONSUME(t.Identifier);
    this.OPTION(() => {
      this.CONSUME(t.As);
      this.CONSUME2(t.Identifier);
    });
  });

  private readonly constDeclaration = this.RULE("constDeclaration", () => {
    this.CONSUME(t.Const);
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expression);
  });

  private readonly blockDeclaration = this.RULE("blockDeclaration", () => {
    this.CONSUME(t.Block);
    this.CONSUME(t.Identifier);
    this.OPTION(() => this.SUBRULE(this.settings));
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.Equals);
          this.SUBRULE(this.expression);
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.Colon);
          this.SUBRULE(this.signature);
          this.SUBRULE(this.body);
        },
      },
    ]);
  });

  private readonly netDeclaration = this.RULE("netDeclaration", () => {
    this.CONSUME(t.Net);
    this.CONSUME(t.Identifier);
    this.OPTION(() => this.SUBRULE(this.settings));
    this.CONSUME(t.Colon);
    this.SUBRULE(this.signature);
    this.SUBRULE(this.body);
  });

  private readonly trainDeclaration = this.RULE("trainDeclaration", () => {
    this.CONSUME(t.Train);
    this.CONSUME(t.Identifier);
    this.SUBRULE(this.body);
  });

  private readonly settings = this.RULE("settings", () => {
    this.CONSUME(t.OpenParen);
    this.SUBRULE(this.settingList);
    this.CONSUME(t.RightParen);
  });

  private readonly settingList = this.RULE("settingList", () => {
    this.MANY(() => {
      this.SUBRULE(this.setting);
      this.OPTION(() => this.CONSUME(t.Comma));
    });
  });

  /** Wider than the language: the tree builder reports types and shapes, for which it knows what to write. */
  private readonly setting = this.RULE("setting", () => {
    this.CONSUME(t.Identifier);
    this.OPTION(() => this.SUBRULE(this.shape));
    this.OPTION2(() => {
      this.CONSUME(t.Colon);
      this.OR([
        { ALT: () => this.CONSUME(t.Block) },
        { ALT: () => this.SUBRULE(this.expression, { LABEL: "type" }) },
      ]);
    });
    this.OPTION3(() => {
      this.CONSUME(t.Equals);
      this.SUBRULE2(this.expression, { LABEL: "default" });
    });
  });

  private readonly signature = this.RULE("signature", () => {
    this.SUBRULE(this.inputs);
    this.OPTION(() => {
      this.CONSUME(t.Arrow);
      this.SUBRULE(this.outputs);
    });
    this.OPTION2(() => {
      this.CONSUME(t.Where);
      this.SUBRULE(this.conditions);
    });
  });

  private readonly inputs = this.RULE("inputs", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.tensorDeclaration) },
      {
        ALT: () => {
          this.CONSUME(t.OpenParen);
          this.SUBRULE(this.tensorDeclarations);
          this.CONSUME(t.RightParen);
        },
      },
    ]);
  });

  private readonly tensorDeclarations = this.RULE("tensorDeclarations", () => {
    this.MANY(() => {
      this.SUBRULE(this.tensorDeclaration);
      this.OPTION(() => this.CONSUME(t.Comma));
    });
  });

  private readonly tensorDeclaration = this.RULE("tensorDeclaration", () => {
    this.CONSUME(t.Identifier);
    this.SUBRULE(this.shape);
  });

  private readonly outputs = this.RULE("outputs", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.shape) },
      {
        ALT: () => {
          this.CONSUME(t.OpenParen);
          this.SUBRULE(this.shapes);
          this.CONSUME(t.RightParen);
        },
      },
    ]);
  });

  private readonly shapes = this.RULE("shapes", () => {
    this.MANY(() => {
      this.SUBRULE(this.shape);
      this.OPTION(() => this.CONSUME(t.Comma));
    });
  });

  private readonly shape = this.RULE("shape", () => {
    this.CONSUME(t.OpenBracket);
    this.SUBRULE(this.expressions);
    this.CONSUME(t.RightBracket);
  });

  private readonly conditions = this.RULE("conditions", () => {
    this.SUBRULE(this.expressions);
  });

  // --------------------------------------------------------------------- items

  readonly body = this.RULE("body", () => {
    this.CONSUME(t.LeftBrace);
    this.MANY(() => {
      this.CONSUME(t.ItemStart);
      this.SUBRULE(this.item);
    });
    this.CONSUME(t.RightBrace);
  });

  private readonly item = this.RULE("item", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.inputItem) },
      { ALT: () => this.SUBRULE(this.sampleItem) },
      { ALT: () => this.SUBRULE(this.minimizeItem) },
      { ALT: () => this.SUBRULE(this.stepItem) },
      { ALT: () => this.SUBRULE(this.metricItem) },
      { ALT: () => this.SUBRULE(this.bindingOrExpression) },
    ]);
    this.CONSUME(t.ItemEnd);
  });

  private readonly inputItem = this.RULE("inputItem", () => {
    this.CONSUME(t.Input);
    this.SUBRULE(this.tensorDeclaration);
    this.OPTION(() => {
      this.CONSUME(t.In);
      this.SUBRULE(this.expression);
    });
  });

  private readonly sampleItem = this.RULE("sampleItem", () => {
    this.CONSUME(t.Sample);
    this.SUBRULE(this.tensorDeclaration);
    this.CONSUME(t.Tilde);
    this.SUBRULE(this.expression);
  });

  private readonly minimizeItem = this.RULE("minimizeItem", () => {
    this.CONSUME(t.Minimize);
    this.SUBRULE(this.expression, { LABEL: "loss" });
    this.OPTION(() => {
      this.CONSUME(t.Over);
      this.SUBRULE(this.paths, { LABEL: "over" });
    });
    this.OPTION2(() => {
      this.CONSUME(t.Except);
      this.SUBRULE2(this.paths, { LABEL: "except" });
    });
    this.OPTION3(() => {
      this.CONSUME(t.With);
      this.SUBRULE2(this.expression, { LABEL: "optimizer" });
    });
  });

  private readonly paths = this.RULE("paths", () => {
    this.AT_LEAST_ONE(() => {
      this.SUBRULE(this.path);
      this.OPTION(() => this.CONSUME(t.Comma));
    });
  });

  private readonly path = this.RULE("path", () => {
    this.CONSUME(t.Identifier, { LABEL: "segment" });
    this.MANY(() => {
      this.CONSUME(t.Dot);
      this.OR([
        { ALT: () => this.CONSUME2(t.Identifier, { LABEL: "segment" }) },
        { ALT: () => this.CONSUME(t.MemberNumber, { LABEL: "segment" }) },
      ]);
    });
  });

  private readonly stepItem = this.RULE("stepItem", () => {
    this.CONSUME(t.Step);
    this.CONSUME(t.Identifier);
    this.SUBRULE(this.body);
  });

  private readonly metricItem = this.RULE("metricItem", () => {
    this.CONSUME(t.Metric);
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expression);
  });

  /** A cover grammar: `(a, b) = e` is read as an expression first. */
  private readonly bindingOrExpression = this.RULE("bindingOrExpression", () => {
    this.SUBRULE(this.expression, { LABEL: "left" });
    this.OPTION(() => {
      this.CONSUME(t.Equals);
      this.SUBRULE2(this.expression, { LABEL: "value" });
    });
  });
}
