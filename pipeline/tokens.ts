import ts from "typescript";
import { sha256 } from "../base/hash.ts";
import type { FileCode } from "./code.ts";

/**
 * Reads a module's tokens and imports. Two texts that differ in comments, blank lines or formatting
 * (line breaks, quotes, trailing commas, optional semicolons) have one digest.
 *
 * Imports that TypeScript erases (`import type`, `import { type A }`) are left out; literal dynamic
 * imports, `new URL("…", import.meta.url)` (workers, data), `lazily("./…", import.meta.url)` and other
 * calls of that form, `import.meta.resolve("…")` and `require("…")` count.
 */
export function readCode(path: string, text: string): FileCode {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, false);
  const hash = sha256();
  const imports = new Set<string>();
  const visit = (node: ts.Node, parent: ts.Node | undefined, nextIsClosing: boolean): void => {
    if (isComment(node)) return;
    const specifier = importOf(node);
    if (specifier !== undefined) imports.add(specifier);
    const children = node.getChildren(source);
    if (children.length === 0) {
      const token = tokenOf(node, parent, nextIsClosing, source);
      if (token !== "") hash.update(`${token}\0`);
    } else {
      children.forEach((child, i) => {
        // A list's own last comma is the only one that nothing follows.
        const last = node.kind === ts.SyntaxKind.SyntaxList && i === children.length - 1;
        visit(child, node.kind === ts.SyntaxKind.SyntaxList ? parent : node, last);
      });
    }
    if (endsByRule(node)) hash.update(";\0");
  };
  visit(source, undefined, false);
  return { digest: hash.digest("hex"), imports: [...imports] };
}

function isComment(node: ts.Node): boolean {
  return node.kind >= ts.SyntaxKind.FirstJSDocNode && node.kind <= ts.SyntaxKind.LastJSDocNode;
}

function tokenOf(
  node: ts.Node,
  parent: ts.Node | undefined,
  last: boolean,
  source: ts.SourceFile,
): string {
  if (node.kind === ts.SyntaxKind.OmittedExpression) return "<hole>"; // [, 1]
  if (node.kind === ts.SyntaxKind.CommaToken && last) return "";
  if (node.kind === ts.SyntaxKind.SemicolonToken) {
    return parent?.kind === ts.SyntaxKind.ForStatement ? ";" : "";
  }
  if (ts.isStringLiteral(node)) return JSON.stringify(node.text);
  if (node.kind === ts.SyntaxKind.JsxText) return node.getFullText(source);
  return node.getText(source);
}

/** Statements and members end with a semicolon whether it is written or not. */
function endsByRule(node: ts.Node): boolean {
  return ts.isStatement(node) || ts.isClassElement(node) || ts.isTypeElement(node);
}

function importOf(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node)) {
    const clause = node.importClause;
    const named = clause?.namedBindings;
    const onlyTypes = clause?.isTypeOnly ||
      (clause?.name === undefined && named !== undefined && ts.isNamedImports(named) &&
        named.elements.length > 0 && named.elements.every((element) => element.isTypeOnly));
    return onlyTypes ? undefined : literal(node.moduleSpecifier);
  }
  if (ts.isExportDeclaration(node)) {
    const named = node.exportClause;
    const onlyTypes = node.isTypeOnly ||
      (named !== undefined && ts.isNamedExports(named) && named.elements.length > 0 &&
        named.elements.every((element) => element.isTypeOnly));
    return onlyTypes ? undefined : literal(node.moduleSpecifier);
  }
  if (ts.isCallExpression(node)) {
    if (node.expression.kind === ts.SyntaxKind.ImportKeyword) return literal(node.arguments[0]);
    return isModuleUrl(node.arguments[1]) ? beside(node.arguments[0]) : required(node);
  }
  if (
    ts.isNewExpression(node) && ts.isIdentifier(node.expression) &&
    node.expression.text === "URL" && isModuleUrl(node.arguments?.[1])
  ) return relativeTo(literal(node.arguments?.[0]));
  return undefined;
}

/** `require("x")`, under whatever name that begins so; `import.meta.resolve("x")` and `require.resolve`. */
function required(node: ts.CallExpression): string | undefined {
  const callee = node.expression;
  const [argument] = node.arguments;
  if (ts.isIdentifier(callee)) {
    return callee.text.startsWith("require") ? literal(argument) : undefined;
  }
  if (!ts.isPropertyAccessExpression(callee) || callee.name.text !== "resolve") return undefined;
  if (ts.isMetaProperty(callee.expression)) return literal(argument) ?? headOf(argument);
  // Others have such a method (`path.resolve("..")`); a package's name means one thing only.
  const text = literal(argument);
  return text === undefined || /^[./]/.test(text) ? undefined : text;
}

/** The package of `fonts/${file}.ttf`: what stands before the first placeholder. */
function headOf(node: ts.Node | undefined): string | undefined {
  if (node === undefined || !ts.isTemplateExpression(node)) return undefined;
  return /^[^./][^/]*\//.test(node.head.text) ? node.head.text : undefined;
}

function literal(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}

function isModuleUrl(node: ts.Node | undefined): boolean {
  return node !== undefined && ts.isPropertyAccessExpression(node) &&
    node.name.text === "url" && ts.isMetaProperty(node.expression);
}

/** A file beside a module, or from there, as whoever loads it later is told of it. */
function beside(node: ts.Node | undefined): string | undefined {
  const text = literal(node);
  return text !== undefined && /^\.{1,2}\//.test(text) ? text : undefined;
}

/** A URL's text is relative without a leading dot too: `new URL("worker.ts", import.meta.url)`. */
function relativeTo(text: string | undefined): string | undefined {
  if (text === undefined || /^[a-z]+:/i.test(text)) return undefined;
  return /^\.{0,2}\//.test(text) ? text : `./${text}`;
}
