import type { DescService } from '@bufbuild/protobuf';
import type { ConnectRouter } from '@connectrpc/connect';
import { Health } from '../gen/grpc/health/v1/health_pb.ts';
import { AuditService } from '../gen/supplant/v1/audit_pb.ts';
import { RolloutService } from '../gen/supplant/v1/rollouts_pb.ts';
import { ServiceService } from '../gen/supplant/v1/services_pb.ts';
import type { Gateway } from './call.ts';
import { auditHandlers } from './handlers/audit.ts';
import { rolloutHandlers } from './handlers/rollouts.ts';
import { serviceHandlers } from './handlers/services.ts';
import { Readiness, healthRoutes } from './health.ts';
import { reflectionRoutes } from './reflection.ts';

const SERVICES: readonly DescService[] = [RolloutService, ServiceService, AuditService];

/** Everything a gateway offers. */
export function gatewayRoutes(gateway: Gateway): (router: ConnectRouter) => void {
  return (router) => {
    router.service(RolloutService, rolloutHandlers(gateway));
    router.service(ServiceService, serviceHandlers(gateway));
    router.service(AuditService, auditHandlers(gateway));
    healthRoutes(router, new Readiness(gateway), SERVICES);
    reflectionRoutes(router, [...SERVICES, Health]);
  };
}
