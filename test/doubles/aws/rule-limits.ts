import { AwsFault, type QueryFields, fieldsOf, listOf, textOf } from './query-protocol.ts';

const MOST_GROUPS_IN_ACTION = 5;
export const MOST_GROUPS_OF_LOAD_BALANCER = 100;
const HIGHEST_WEIGHT = 999;

/** The groups that actions forward to, with their weights. */
export function forwardedGroups(actions: readonly QueryFields[]): { arn: string; weight: number | undefined }[] {
  return actions.flatMap((action) => {
    const tuples = listOf(fieldsOf(action.ForwardConfig).TargetGroups);
    if (tuples.length === 0) {
      const arn = textOf(action.TargetGroupArn);
      return arn === '' ? [] : [{ arn, weight: undefined }];
    }
    return tuples.map(({ TargetGroupArn, Weight }) => ({
      arn: textOf(TargetGroupArn),
      weight: Weight === undefined ? undefined : Number(textOf(Weight)),
    }));
  });
}

/**
 * What AWS refuses in the actions of a listener or rule, and moto takes. The codes of six groups, a group twice, and
 * weights of nothing but 0 are ours: no source was found for what AWS says, or whether it refuses the last one at all.
 * @throws AwsFault at the first fault
 */
export function assertActions(actions: readonly QueryFields[], stickyGroups: ReadonlySet<string>): void {
  for (const action of actions) {
    const groups = forwardedGroups([action]);
    const [repeated] = groups.filter(({ arn }, index) => groups.findIndex((each) => each.arn === arn) !== index);
    if (repeated) throw invalid(`Target group '${repeated.arn}' is specified more than once`);
    if (groups.length > MOST_GROUPS_IN_ACTION) {
      throw new AwsFault(
        'TooManyTargetGroups',
        `An action can forward to at most ${MOST_GROUPS_IN_ACTION} target groups`,
      );
    }
    assertWeights(groups);
    const { Enabled } = fieldsOf(fieldsOf(action.ForwardConfig).TargetGroupStickinessConfig);
    if (groups.length > 1 && textOf(Enabled) !== 'true' && groups.some(({ arn }) => stickyGroups.has(arn))) {
      throw new AwsFault(
        'InvalidConfigurationRequest',
        'You must enable target group stickiness on the forward action since a target group has stickiness enabled',
      );
    }
  }
}

function assertWeights(groups: ReturnType<typeof forwardedGroups>): void {
  for (const { weight } of groups) {
    if (weight === undefined && groups.length > 1) throw invalid('A weight is required for each target group');
    if (weight === undefined) continue;
    if (!Number.isInteger(weight) || weight < 0 || weight > HIGHEST_WEIGHT) {
      throw invalid(`The weight for each target group must be between 0 and ${HIGHEST_WEIGHT}, inclusive`);
    }
  }
  if (groups.length > 0 && groups.every(({ weight }) => weight === 0)) {
    throw invalid('At least one target group must have a weight greater than 0');
  }
}

function invalid(message: string): AwsFault {
  return new AwsFault('ValidationError', message);
}
