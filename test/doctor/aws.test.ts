import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Patient } from '../../src/doctor/check.ts';
import { albLimits, judgeRoom } from '../../src/doctor/checks/aws/alb-limits.ts';
import { concernsAws } from '../../src/doctor/checks/aws/concerns.ts';
import { awsCredentials } from '../../src/doctor/checks/aws/credentials.ts';
import { enterEnvironment } from '../doubles/environment.ts';
import { findPrincipal, judgeActions } from '../../src/doctor/checks/aws/permissions.ts';

const PATIENT = {
  blueprints: [{ name: 'aws-asg', plugins: [{ name: 'aws', version: '7.48.0' }] }],
} as unknown as Patient;

/** What a stand-in for AWS answers, by action. */
const ANSWERS: Record<string, string> = {
  GetCallerIdentity:
    '<Arn>arn:aws:sts::123456789012:assumed-role/deployer/me</Arn><UserId>me</UserId><Account>123456789012</Account>',
  DescribeAccountLimits: '<Limits><member><Name>target-groups</Name><Max>3</Max></member></Limits>',
  DescribeTargetGroups: '<TargetGroups><member><TargetGroupArn>one</TargetGroupArn></member></TargetGroups>',
};

describe('the doctor, on AWS', () => {
  let leave: () => void;
  let double: Server;

  beforeEach(async () => {
    double = createServer((request, response) => {
      void text(request).then((body) => {
        const action = new URLSearchParams(body).get('Action') ?? '';
        const result = `<${action}Response><${action}Result>${ANSWERS[action] ?? ''}</${action}Result></${action}Response>`;
        response.writeHead(200, { 'content-type': 'text/xml' }).end(result);
      });
    }).listen(0, '127.0.0.1');
    await once(double, 'listening');
    leave = enterEnvironment({
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'none',
      AWS_SECRET_ACCESS_KEY: 'none',
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(double.address() as AddressInfo).port}`,
    });
  });
  afterEach(async () => {
    leave();
    double.closeAllConnections();
    double.close();
    await once(double, 'close');
  });

  it('looks where something is on AWS, and nowhere else', () => {
    const on = (blueprint: string): boolean =>
      concernsAws({
        ...PATIENT,
        spec: { blueprint: { name: blueprint }, router: { kind: 'embedded' } } as Patient['spec'] & object,
      });
    assert.deepEqual([on('aws-asg'), on('local-process'), concernsAws(PATIENT)], [true, false, false]);
  });

  it('says whom AWS takes it for, and where', async () => {
    assert.deepEqual(await awsCredentials.run(PATIENT), [
      {
        state: 'good',
        text: 'arn:aws:sts::123456789012:assumed-role/deployer/me, account 123456789012, region eu-central-1',
      },
    ]);
  });

  it('counts the target groups that there is still room for', async () => {
    assert.deepEqual(await albLimits.run(PATIENT), [
      { state: 'good', text: '1 of 3 target groups of this region are in use' },
    ]);
    assert.equal(judgeRoom(2, 3).state, 'bad');
    assert.equal(judgeRoom(2, Number.NaN).state, 'unsure');
  });

  it('names the actions that the policies of a role do not allow', () => {
    assert.equal(
      findPrincipal('arn:aws:sts::123456789012:assumed-role/deployer/me'),
      'arn:aws:iam::123456789012:role/deployer',
    );
    assert.equal(findPrincipal('arn:aws:iam::123456789012:user/ada'), 'arn:aws:iam::123456789012:user/ada');
    assert.equal(judgeActions([['a:One', 'allowed']]).state, 'good');
    assert.match(
      judgeActions([
        ['a:One', 'allowed'],
        ['a:Two', 'implicitDeny'],
      ]).text,
      /do not allow a:Two$/,
    );
  });
});
