import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

const ROOT = path.resolve(import.meta.dirname, "../..");
const CITATION = /\[((?:session|task|resource|issuer|http26|http25)-[a-z0-9-]+)\]/g;

export interface Citation {
  readonly id: string;
  /** `path:line` of the name that cites. */
  readonly place: string;
}

/** Every duty cited in the name of a test or suite of this repository, contract suites included. */
export function findCitations(): readonly Citation[] {
  return ["packages", "tests"].flatMap((room) =>
    readdirSync(path.join(ROOT, room), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.(test|contract)\.ts$/.test(file) && !file.includes("node_modules"))
      .flatMap((file) => citationsOf(path.join(room, file))),
  );
}

function citationsOf(file: string): readonly Citation[] {
  const text = readFileSync(path.join(ROOT, file), "utf8");
  return text.search(CITATION) < 0 ? [] : readCitations(file, text);
}

/**
 * Reads the names: a text that is an argument of `test` or `describe`, or stands in the table of
 * their `each`, or is a key of an object (a table that `each` gets the keys of). Comments, and texts
 * anywhere else, cite nothing; a test that is gone takes its citation with it.
 */
export function readCitations(file: string, text: string): readonly Citation[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Citation[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) && isName(node)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      for (const [, id = ""] of node.text.matchAll(CITATION)) {
        found.push({ id, place: `${file}:${line + 1}` });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isName(node: ts.StringLiteralLike): boolean {
  const { parent } = node;
  if (ts.isPropertyAssignment(parent)) return parent.name === node;
  if (ts.isCallExpression(parent)) return parent.arguments[0] === node && isRunner(parent);
  return ts.isArrayLiteralExpression(parent) && isTable(parent);
}

/** `test(…)`, `describe(…)`, and what `.each(table)` of them gives. */
function isRunner({ expression }: ts.CallExpression): boolean {
  if (ts.isIdentifier(expression)) return isRunnerName(expression.text);
  return ts.isCallExpression(expression) && isEach(expression);
}

function isEach({ expression }: ts.CallExpression): boolean {
  if (!ts.isPropertyAccessExpression(expression) || expression.name.text !== "each") return false;
  return ts.isIdentifier(expression.expression) && isRunnerName(expression.expression.text);
}

function isTable(array: ts.Node): boolean {
  for (let node = array; node.parent; node = node.parent) {
    if (ts.isCallExpression(node.parent)) {
      return node.parent.arguments[0] === node && isEach(node.parent);
    }
    if (ts.isFunctionLike(node.parent)) return false;
  }
  return false;
}

function isRunnerName(name: string): boolean {
  return name === "test" || name === "describe";
}
