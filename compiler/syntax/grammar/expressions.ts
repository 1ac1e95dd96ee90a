/**
 * The part of the grammar that all others stand on: expressions.
 *
 * Two tokens of lookahead suffice. Operators are parsed as flat lists, because the tree
 * builder knows precedence and flat rules keep the parser's stack short. Lists take
 * their commas loosely; the tree builder reports the ones that are missing.
 */
import { CstParser } from "chevrotain";
import type { IOrAlt, TokenType } from "chevrotain";
import * as t from "../lexer/tokens.js";
import { syntaxMessages } from "./messages.js";

export interface GrammarOptions {
  /** Validating the grammar takes time, and only tests need it. */
  readonly skipValidations: boolean;
}

/** The only tokens that the parser may make up; brackets are balanced before it runs. */
const insertable = new Set<TokenType>([t.Identifier, t.Colon]);

export class ExpressionGrammar extends CstParser {
  protected constructor(options: GrammarOptions) {
    super(t.tokenTypes, {
      maxLookahead: 2,
      recoveryEnabled: true,
      nodeLocationTracking: "onlyOffset",
      skipValidations: options.skipValidations,
      errorMessageProvider: syntaxMessages,
    });
  }

  protected override canTokenTypeBeInsertedInRecovery(type: TokenType): boolean {
    return insertable.has(type);
  }

  /** A deleted token leaves no trace in the tree; skipped ones leave a node marked as recovered. */
  protected override canTokenTypeBeDeletedInRecovery(): boolean {
    return false;
  }

  protected readonly expressions = this.RULE("expressions", () => {
    this.MANY(() => {
      this.SUBRULE(this.expression);
      this.OPTION(() => this.CONSUME(t.Comma));
    });
  });

  protected readonly expression = this.RULE("expression", () => {
    this.SUBRULE(this.stage);
    this.MANY(() => {
      this.CONSUME(t.Arrow);
      this.SUBRULE2(this.stage);
    });
  });

  private readonly stage = this.RULE("stage", () => {
    this.SUBRULE(this.operand);
    this.MANY(() => {
      this.CONSUME(t.BinaryOperator);
      this.SUBRULE2(this.operand);
    });
    this.OPTION(() => {
      this.CONSUME(t.As);
      this.OR([
        { ALT: () => this.CONSUME(t.Identifier, { LABEL: "name" }) },
        { ALT: () => this.CONSUME(t.StringToken, { LABEL: "name" }) },
      ]);
    });
  });

  // The alternatives of the rules that run most often are made once, and not at every operand.
  private readonly operandKinds: IOrAlt<unknown>[] = [
    { ALT: () => this.CONSUME(t.Identifier, { LABEL: "literal" }) },
    { ALT: () => this.CONSUME(t.NumberToken, { LABEL: "literal" }) },
    { ALT: () => this.CONSUME(t.StringToken, { LABEL: "literal" }) },
    { ALT: () => this.CONSUME(t.True, { LABEL: "literal" }) },
    { ALT: () => this.CONSUME(t.False, { LABEL: "literal" }) },
    { ALT: () => this.SUBRULE(this.group) },
    { ALT: () => this.SUBRULE(this.list) },
    { ALT: () => this.SUBRULE(this.conditional) },
  ];

  private readonly operand = this.RULE("operand", () => {
    this.MANY(() => {
      this.OR([
        { ALT: () => this.CONSUME(t.Minus, { LABEL: "prefix" }) },
        { ALT: () => this.CONSUME(t.Not, { LABEL: "prefix" }) },
      ]);
    });
    this.OR2(this.operandKinds);
    this.MANY2(() => this.SUBRULE(this.suffix));
  });

  private readonly group = this.RULE("group", () => {
    this.CONSUME(t.OpenParen);
    this.SUBRULE(this.expressions);
    this.CONSUME(t.RightParen);
  });

  private readonly list = this.RULE("list", () => {
    this.CONSUME(t.OpenBracket);
    this.SUBRULE(this.expressions);
    this.CONSUME(t.RightBracket);
  });

  private readonly conditional = this.RULE("conditional", () => {
    this.CONSUME(t.If);
    this.SUBRULE(this.expression, { LABEL: "condition" });
    this.CONSUME(t.Then);
    this.SUBRULE2(this.expression, { LABEL: "then" });
    this.CONSUME(t.Else);
    this.SUBRULE3(this.expression, { LABEL: "otherwise" });
  });

  private readonly suffixKinds: IOrAlt<unknown>[] = [
    {
      ALT: () => {
        this.CONSUME(t.CallParen);
        this.SUBRULE(this.callArguments);
        this.CONSUME(t.RightParen);
      },
    },
    {
      ALT: () => {
        this.CONSUME(t.IndexBracket);
        this.SUBRULE(this.indexAxes);
        this.CONSUME(t.RightBracket);
      },
    },
    {
      ALT: () => {
        this.CONSUME(t.Dot);
        this.OR2([
          { ALT: () => this.CONSUME(t.Identifier, { LABEL: "member" }) },
          { ALT: () => this.CONSUME(t.MemberNumber, { LABEL: "member" }) },
        ]);
      },
    },
  ];

  private readonly suffix = this.RULE("suffix", () => {
    this.OR(this.suffixKinds);
  });

  private readonly callArguments = this.RULE("callArguments", () => {
    this.MANY(() => {
      this.SUBRULE(this.argument);
      this.OPTION(() => this.CONSUME(t.Comma));
    });
  });

  private readonly argumentKinds: IOrAlt<unknown>[] = [
    {
      ALT: () => {
        this.CONSUME(t.Identifier);
        this.CONSUME(t.Equals);
        this.SUBRULE(this.expression, { LABEL: "value" });
      },
    },
    {
      ALT: () => {
        this.SUBRULE2(this.expression, { LABEL: "value" });
        this.OPTION(() => {
          this.CONSUME(t.In);
          this.SUBRULE3(this.expression, { LABEL: "source" });
        });
      },
    },
  ];

  private readonly argument = this.RULE("argument", () => {
    this.OR(this.argumentKinds);
  });

  private readonly indexAxes = this.RULE("indexAxes", () => {
    this.MANY(() => {
      this.SUBRULE(this.indexAxis);
      this.OPTION(() => this.CONSUME(t.Comma));
    });
  });

  private readonly indexAxis = this.RULE("indexAxis", () => {
    this.OR([
      {
        ALT: () => {
          this.SUBRULE(this.expression, { LABEL: "start" });
          this.OPTION(() => this.SUBRULE(this.sliceEnd));
        },
      },
      { ALT: () => this.SUBRULE2(this.sliceEnd) },
    ]);
  });

  private readonly sliceEnd = this.RULE("sliceEnd", () => {
    this.CONSUME(t.Colon);
    this.OPTION(() => this.SUBRULE(this.expression, { LABEL: "stop" }));
    this.OPTION2(() => {
      this.CONSUME2(t.Colon);
      this.OPTION3(() => this.SUBRULE2(this.expression, { LABEL: "step" }));
    });
  });
}
