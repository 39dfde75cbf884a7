/** Only production keeps its data when resources or the whole stage are removed. */
export const isProduction = () => $app.stage === "production";

/** For the few physical names that the stacks choose themselves: `zenode-<stage>-<part>`. */
export const physicalName = (part: string) => `${$app.name}-${$app.stage}-${part}`;
