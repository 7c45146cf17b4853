import type { Aws } from '../aws.ts';
import { fieldsOf, listOf, textOf } from '../query-protocol.ts';
import { readGroup } from '../topology.ts';
import type { Machine } from './machine.ts';

/** The instances of Auto Scaling groups, which listen where the groups' target groups expect them. */
export async function listInstances({ front: { moto } }: Aws): Promise<Machine[]> {
  const { AutoScalingGroups } = await moto.ask('autoscaling', 'DescribeAutoScalingGroups');
  const machines = listOf(AutoScalingGroups).map(async ({ Instances, TargetGroupARNs }): Promise<Machine[]> => {
    const ids = listOf(Instances).map(({ InstanceId }) => textOf(InstanceId));
    const [group] = Array.isArray(TargetGroupARNs) ? TargetGroupARNs.map(textOf) : [];
    if (ids.length === 0 || group === undefined) return [];
    const [{ reservationSet }, { Port }] = await Promise.all([moto.describeInstances(ids), readGroup(moto, group)]);
    return listOf(reservationSet)
      .flatMap(({ instancesSet }) => listOf(instancesSet))
      .filter(({ instanceState }) => textOf(fieldsOf(instanceState).name) === 'running')
      .map(({ instanceId, imageId }) => ({
        id: textOf(instanceId),
        artifact: textOf(imageId),
        port: Number(textOf(Port)),
      }));
  });
  return (await Promise.all(machines)).flat();
}
