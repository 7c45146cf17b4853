import { createToken } from '../../gateway/auth/create-token.ts';
import { type Role, ROLES } from '../../domain/access.ts';
import { EXIT } from '../exit-codes.ts';
import { UsageError } from '../errors.ts';
import type { Session } from '../session.ts';
import { line, span } from '../views/text.ts';

export interface TokenOptions {
  name: string;
  role: string;
  service?: string[];
  expires?: string;
}

/** Makes a token. It is printed once; what the access file needs holds no secret. */
export function create(session: Session, options: TokenOptions): number {
  const { terminal, context } = session;
  const expires = options.expires === undefined ? undefined : new Date(options.expires);
  if (expires && Number.isNaN(expires.getTime())) {
    throw new UsageError(`--expires ${options.expires ?? ''} is not a date`, { suggestion: 'use 2027-01-31' });
  }
  const { token, hash, yaml } = createToken(
    {
      name: options.name,
      role: roleOption(options.role),
      ...(options.service ? { services: options.service } : {}),
      ...(expires ? { expires } : {}),
    },
    context.now(),
  );
  if (terminal.json) context.stdout.write(`${JSON.stringify({ token, hash, access: yaml })}\n`);
  else {
    terminal.data([
      line(span(token, 'accent')),
      [],
      line('Hand it over now: it is kept nowhere. The access file needs:'),
      [],
      ...yaml
        .trimEnd()
        .split('\n')
        .map((text) => line(text)),
    ]);
  }
  return EXIT.ok.code;
}

function roleOption(text: string): Role {
  const role = ROLES.find((each) => each === text);
  if (role) return role;
  throw new UsageError(`there is no role ${text}`, { suggestion: `use ${ROLES.join(', ')}` });
}
