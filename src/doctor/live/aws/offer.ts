import type { AwsIdentity, AwsNetwork } from './account.ts';

/** US dollars: a load balancer's first hour and an alarm's, as `docs/aws.md` has the prices. Parts of an hour are whole ones. */
const COST = 0.03;
const MINUTES = 'five to ten minutes';

/** What a look will make, what that costs and how long it takes: sentences, for whoever is to agree. */
export function describeOffer(
  { account, principal, region }: AwsIdentity,
  { vpc, subnets }: AwsNetwork,
  prefix: string,
): string[] {
  return [
    `In the account ${account} and the region ${region}, as ${principal}, this makes and takes away again:`,
    `- an Application Load Balancer that only ${vpc} can reach (in ${subnets.join(' and ')}), with a listener and rules`,
    '- some fifteen target groups, two of them with an address that nobody has',
    '- an alarm on a metric that nobody writes, which tells nobody',
    `All names begin with ${prefix}. No service of yours is looked at or changed.`,
    `It costs some ${COST} US dollars (the first hour of a load balancer) and takes ${MINUTES}; AWS makes the load balancer for most of them.`,
  ];
}
