import type { DescService } from '@bufbuild/protobuf';
import type { ConnectRouter } from '@connectrpc/connect';
import { Health } from '../contract/gen/grpc/health/v1/health_pb.ts';
import { AuditService } from '../contract/gen/supplant/v1/audit_pb.ts';
import { ChangeStopService } from '../contract/gen/supplant/v1/change_stops_pb.ts';
import { DriftService } from '../contract/gen/supplant/v1/drift_pb.ts';
import { ExperimentService } from '../contract/gen/supplant/v1/experiments_pb.ts';
import { HostService } from '../contract/gen/supplant/v1/hosts_pb.ts';
import { LogService } from '../contract/gen/supplant/v1/logs_pb.ts';
import { PreviewService } from '../contract/gen/supplant/v1/previews_pb.ts';
import { ReaperService } from '../contract/gen/supplant/v1/reaper_pb.ts';
import { RolloutService } from '../contract/gen/supplant/v1/rollouts_pb.ts';
import { ServiceService } from '../contract/gen/supplant/v1/services_pb.ts';
import type { Gateway } from './call.ts';
import { createAuditHandlers } from './handlers/audit.ts';
import { createChangeStopHandlers } from './handlers/change-stops.ts';
import { createDriftHandlers } from './handlers/drift.ts';
import { createExperimentHandlers } from './handlers/experiments.ts';
import { createHostHandlers } from './handlers/hosts.ts';
import { createLogHandlers } from './handlers/logs.ts';
import { createPreviewHandlers } from './handlers/previews.ts';
import { createReaperHandlers } from './handlers/reaper.ts';
import { createRolloutHandlers } from './handlers/rollouts.ts';
import { createServiceHandlers } from './handlers/services.ts';
import { Readiness, addHealthRoutes } from './http/health.ts';
import { addReflectionRoutes } from './http/reflection.ts';

const SERVICES: readonly DescService[] = [
  RolloutService,
  ServiceService,
  ExperimentService,
  DriftService,
  PreviewService,
  ReaperService,
  HostService,
  AuditService,
  LogService,
  ChangeStopService,
];

/** Everything a gateway offers. */
export function createGatewayRoutes(gateway: Gateway): (router: ConnectRouter) => void {
  return (router) => {
    router.service(RolloutService, createRolloutHandlers(gateway));
    router.service(ServiceService, createServiceHandlers(gateway));
    router.service(ExperimentService, createExperimentHandlers(gateway));
    router.service(DriftService, createDriftHandlers(gateway));
    router.service(PreviewService, createPreviewHandlers(gateway));
    router.service(ReaperService, createReaperHandlers(gateway));
    router.service(HostService, createHostHandlers(gateway));
    router.service(ChangeStopService, createChangeStopHandlers(gateway));
    router.service(AuditService, createAuditHandlers(gateway));
    router.service(LogService, createLogHandlers(gateway));
    addHealthRoutes(router, new Readiness(gateway), SERVICES);
    addReflectionRoutes(router, [...SERVICES, Health]);
  };
}
