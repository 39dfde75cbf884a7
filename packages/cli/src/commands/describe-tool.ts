/** What `tools/list` tells of a tool, as far as it is shown. */
export interface ListedTool {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly inputSchema: {
    readonly properties?: Record<string, unknown> | undefined;
    readonly required?: string[] | undefined;
  };
}

/** In two lines: its name, and its arguments with those in brackets that may be left out. */
export function summarizeTool({ name, title, inputSchema }: ListedTool): string {
  const required = new Set(inputSchema.required ?? []);
  const args = Object.keys(inputSchema.properties ?? {}).map((arg) =>
    required.has(arg) ? `--${arg}` : `[--${arg}]`,
  );
  return `${name.padEnd(20)} ${title ?? ""}\n${" ".repeat(21)}${args.join(" ")}`;
}

/** In full: what it does, and for each argument its form, whether it is needed, and what it means. */
export function describeTool({ name, description, inputSchema }: ListedTool): string {
  const required = new Set(inputSchema.required ?? []);
  const lines = Object.entries(inputSchema.properties ?? {}).map(([arg, schema]) => {
    const { description: meaning, default: usual } = fieldsOf(schema);
    const notes = [
      required.has(arg) ? "(required)" : undefined,
      usual === undefined ? undefined : `(default: ${JSON.stringify(usual)})`,
    ];
    const head = [`  --${arg} ${formOf(schema)}`, ...notes].filter((each) => each !== undefined);
    return typeof meaning === "string" ? `${head.join(" ")}\n      ${meaning}` : head.join(" ");
  });
  return [name, `  ${description ?? ""}`, "", ...lines].join("\n");
}

/** What is written behind the argument; JSON where it is no plain value. */
function formOf(schema: unknown): string {
  const { type, enum: choices, items, properties, required } = fieldsOf(schema);
  if (Array.isArray(choices)) return choices.join("|");
  if (type === "array") {
    const { type: of } = fieldsOf(items);
    return of === "object" ? `'[${formOf(items)}, …]'` : `<${String(of)}>, may be repeated`;
  }
  if (type !== "object") return `<${String(type ?? "JSON")}>`;
  const needed = new Set(Array.isArray(required) ? required : []);
  const fields = Object.keys(fieldsOf(properties)).map((field) =>
    needed.has(field) ? `"${field}": …` : `["${field}": …]`,
  );
  return `{${fields.join(", ")}}`;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
