/** A source file with the names its declarations bind. */
import type { Span } from "../../diagnostics/diagnostic.js";
import type {
  BlockDeclaration,
  ConstDeclaration,
  NetDeclaration,
  SourceFile,
  TrainDeclaration,
} from "../../syntax/ast.js";

export interface Module {
  /** The path as messages show it. */
  readonly path: string;
  readonly source: SourceFile;
  /** What the file declares or imports under each name. Train sections have names of their own. */
  readonly names: ReadonlyMap<string, TopLevel>;
  readonly sections: readonly TrainDeclaration[];
}

/** A module while its file is read; in an editor, one that is read again keeps its identity. */
export interface ModuleUnderConstruction {
  readonly path: string;
  source: SourceFile;
  readonly names: Map<string, TopLevel>;
  readonly sections: TrainDeclaration[];
}

export type TopLevel =
  | {
      readonly kind: "const";
      readonly declaration: ConstDeclaration;
      readonly module: Module;
      readonly span: Span;
    }
  | {
      readonly kind: "block";
      readonly declaration: BlockDeclaration;
      readonly module: Module;
      readonly span: Span;
    }
  | {
      readonly kind: "net";
      readonly declaration: NetDeclaration;
      readonly module: Module;
      readonly span: Span;
    }
  /** An import that failed, or a declaration with a damaged header: already reported. */
  | { readonly kind: "broken"; readonly span: Span };
