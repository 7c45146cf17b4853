import { z } from 'zod';
import { ALWAYS, entries, list, mapping, text, wholeNumber } from '../../src/config/fields.ts';
import { refuse } from '../../src/config/problems.ts';
import { place } from '../aws/settings.ts';

const CIDR = /^\d{1,3}(?:\.\d{1,3}){3}\/\d{1,2}$/;
const cidr = (wanted: string) => text(`${wanted}, such as 10.20.0.0/16`, CIDR);

const serviceRule = mapping({
  hosts: list(text('a host name'), { list: 'a list of host names', empty: 'at least one host name, or no hosts key' })
    .optional()
    .describe('Names that the service is asked for by; any, unless told.'),
  paths: list(text('a path, such as /api/*'), { list: 'a list of paths', empty: 'at least one path, or no paths key' })
    .optional()
    .describe('Paths that are the service’s; all, unless told.'),
  priority: wholeNumber(1, 999).describe('Which rule is looked at first: the lowest. No two services have the same.'),
});

/** The config of an environment. */
export const configSchema = mapping({
  ...place,
  network: mapping({
    vpc: text('the id of a VPC, such as vpc-0a1b2c3d', /^vpc-[0-9a-f]{8,17}$/).describe('A network of yours.'),
    subnets: z
      .array(text('the id of a subnet, such as subnet-0a1b2c3d', /^subnet-[0-9a-f]{8,17}$/), {
        error: 'a list of subnets',
      })
      .min(2, { error: 'at least two subnets, in different zones, as a load balancer needs them' })
      .describe('Where the load balancer and everything behind it are.'),
    publicIp: z
      .boolean()
      .default(false)
      .describe('Whether what is in them needs an address of its own to reach the internet.'),
  })
    .optional()
    .describe('Of yours. One of its own, with public subnets, is made unless told.'),
  cidr: cidr('addresses of a network').prefault('10.20.0.0/16').describe('Of its own network.'),
  zones: wholeNumber(2, 4).prefault(2).describe('How many zones its own network is in.'),
  internal: z.boolean().default(false).describe('Whether the load balancer is reached from the network only.'),
  allow: list(cidr('addresses'), { list: 'a list of addresses', empty: 'at least one' })
    .prefault(['0.0.0.0/0'])
    .describe('Who may reach the load balancer.'),
  certificate: text('the ARN of a certificate', /^arn:aws[a-z-]*:acm:/)
    .optional()
    .describe('Makes the listener speak HTTPS, at port 443. Plain HTTP at port 80 without.'),
  services: entries(serviceRule)
    .superRefine((services, context) => {
      const seen = new Map<number, string>();
      for (const [name, { priority }] of Object.entries(services)) {
        const other = seen.get(priority);
        if (other !== undefined)
          refuse(context, {
            path: [name, 'priority'],
            wanted: `another than that of ${other}`,
            found: String(priority),
          });
        seen.set(priority, name);
      }
    }, ALWAYS)
    .prefault({})
    .describe('What is behind the load balancer, by name: each has a rule of its own, whose weights are the router’s.'),
  secrets: z
    .array(
      text('an ARN of a secret or a parameter, * for what may differ', /^arn:aws[a-z-]*:(?:secretsmanager|ssm):/),
      {
        error: 'a list of ARNs',
      },
    )
    .prefault([])
    .describe('Which secrets of Secrets Manager, and which parameters of SSM, ECS may give to tasks.'),
  logDays: z
    .union(
      [1, 3, 5, 7, 14, 30, 60, 90, 180, 365].map((days) => z.literal(days)),
      { error: 'as many days as CloudWatch has: 1, 3, 5, 7, 14, 30, 60, 90, 180 or 365' },
    )
    .prefault(30)
    .describe('How long logs are kept.'),
  protect: z
    .boolean()
    .default(true)
    .describe('Whether nothing in it can be deleted. Apply it with `protect: false` before it is to go.'),
});

export type AwsEnvironmentConfig = z.output<typeof configSchema>;
