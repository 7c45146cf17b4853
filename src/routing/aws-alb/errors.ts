import { InvalidRouteError, RouterUnreachableError } from '../router.ts';

/** Errors that say that what was asked for is wrong, and stays wrong however often it is asked for. */
const FINAL =
  /^(?:AccessDenied|UnauthorizedOperation|ValidationError|ValidationException|InvalidConfigurationRequest|InvalidLoadBalancerAction|RuleNotFound|ListenerNotFound|TargetGroupNotFound|LoadBalancerNotFound|TargetGroupAssociationLimit|TooManyTargetGroups|TooManyUniqueTargetGroupsPerLoadBalancer|IncompatibleProtocols|UnsupportedProtocol)/;

/**
 * An error of AWS as the port has it. What is wrong for good is an invalid route, with AWS's own word for it; anything
 * else is a router that nobody reaches, whose outcome is unknown. The SDK has tried again before, where that may help.
 */
export function toRouterError(error: unknown, doing: string): Error {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  if (FINAL.test(name)) return new InvalidRouteError(`AWS refuses to ${doing}: ${name}: ${message}`, { cause: error });
  return new RouterUnreachableError(`AWS did not ${doing}: ${name}: ${message}`, { cause: error });
}
