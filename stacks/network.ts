import { physicalName } from "./stage.ts";

export type Network = ReturnType<typeof createNetwork>;

const ZONES = 2;

/**
 * Public subnets and a security group without an inbound rule: a worker pays for its address only
 * while it runs. SST's own network adds a private DNS zone, which costs money every month.
 */
export function createNetwork() {
  const tags = { Name: physicalName("network") };
  const vpc = new aws.ec2.Vpc("Network", {
    cidrBlock: "10.0.0.0/16",
    enableDnsHostnames: true,
    enableDnsSupport: true,
    tags,
  });
  const internet = new aws.ec2.InternetGateway("Internet", { vpcId: vpc.id, tags });
  const routeTable = new aws.ec2.RouteTable("Routes", {
    vpcId: vpc.id,
    routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: internet.id }],
    tags,
  });
  const subnets = createSubnets(vpc, routeTable);
  createServiceEndpoints(vpc, routeTable);
  // Emptied, so that nothing that forgets its security group is reachable.
  new aws.ec2.DefaultSecurityGroup("DefaultSecurityGroup", { vpcId: vpc.id, tags });
  const securityGroup = new aws.ec2.SecurityGroup("WorkerSecurityGroup", {
    description: "Workers: nothing in, HTTP and HTTPS out",
    vpcId: vpc.id,
    ingress: [],
    egress: [443, 80].map((port) => ({
      protocol: "tcp",
      fromPort: port,
      toPort: port,
      cidrBlocks: ["0.0.0.0/0"],
    })),
    tags: { Name: physicalName("worker") },
  });
  return {
    vpc,
    subnetIds: subnets.map((subnet) => subnet.id),
    securityGroupIds: [securityGroup.id],
  };
}

function createSubnets(vpc: aws.ec2.Vpc, routeTable: aws.ec2.RouteTable) {
  const { names } = aws.getAvailabilityZonesOutput({ state: "available" });
  return Array.from({ length: ZONES }, (_, index) => {
    const subnet = new aws.ec2.Subnet(`Subnet${index + 1}`, {
      vpcId: vpc.id,
      cidrBlock: `10.0.${16 * index}.0/20`,
      availabilityZone: names.apply((zones) => zones[index] ?? zones[0] ?? ""),
      tags: { Name: physicalName(`subnet-${index + 1}`) },
    });
    new aws.ec2.RouteTableAssociation(`Subnet${index + 1}Routes`, {
      subnetId: subnet.id,
      routeTableId: routeTable.id,
    });
    return subnet;
  });
}

/** Free of charge, and keeps the workers' data off the public addresses of S3 and DynamoDB. */
function createServiceEndpoints(vpc: aws.ec2.Vpc, routeTable: aws.ec2.RouteTable) {
  const { region } = aws.getRegionOutput();
  for (const service of ["s3", "dynamodb"]) {
    new aws.ec2.VpcEndpoint(`Endpoint${service === "s3" ? "S3" : "DynamoDB"}`, {
      vpcId: vpc.id,
      serviceName: $interpolate`com.amazonaws.${region}.${service}`,
      vpcEndpointType: "Gateway",
      routeTableIds: [routeTable.id],
    });
  }
}
