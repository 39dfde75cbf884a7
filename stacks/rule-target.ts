interface Parts {
  readonly rule: aws.cloudwatch.EventRule;
  readonly target: sst.aws.Function;
}

/** The rule's events go to the function, which no other rule may call by this permission. */
export function sendEventsTo(name: string, { rule, target }: Parts) {
  new aws.lambda.Permission(`${name}Permission`, {
    action: "lambda:InvokeFunction",
    function: target.name,
    principal: "events.amazonaws.com",
    sourceArn: rule.arn,
  });
  new aws.cloudwatch.EventTarget(`${name}Target`, { rule: rule.name, arn: target.arn });
}
