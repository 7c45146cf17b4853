import type { SecretField } from '../../src/config/secret-field.ts';
import { parseSecretReference } from '../../src/domain/secrets/reference.ts';

const SECRET_ARN = /^arn:aws[a-z-]*:secretsmanager:/;

/** What ECS gives a container when it starts it: the value is in no task definition, and no worker reads it. */
export interface TaskSecret {
  name: string;
  /** An ARN or a parameter's name: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Secret.html */
  valueFrom: string;
}

/** What would be right instead, for a reference that ECS cannot follow. */
export function refuseTaskSecret({ secret }: SecretField): string | undefined {
  const parsed = parseSecretReference(secret);
  // What is no reference at all is told by the schema.
  if (!parsed) return undefined;
  const { source, name, field } = parsed;
  if (source === 'aws-secrets-manager') {
    return SECRET_ARN.test(name) ? undefined : "the secret's ARN, by which ECS reads it: aws-secrets-manager:arn:aws:…";
  }
  if (source === 'aws-ssm') return field === undefined ? undefined : 'no #FIELD: ECS gives a parameter whole';
  return 'aws-secrets-manager:ARN or aws-ssm:NAME: a value of the worker’s would stand in the task definition in the clear';
}

/** As a task definition says where a secret is. */
export function buildTaskSecret(name: string, { secret }: SecretField): TaskSecret {
  const { name: valueFrom = '', field } = parseSecretReference(secret) ?? {};
  return { name, valueFrom: field === undefined ? valueFrom : `${valueFrom}:${field}::` };
}
