/** The users of the embedded provider, named after what they do, and their groups. Anybody else has none. */
export const DEV_USERS: Readonly<Record<string, readonly string[]>> = {
  clinician: ['clinicians'],
  reviewer: ['sworn-reviewers', 'privacy-office'],
  auditor: ['sworn-auditors'],
  admin: ['sworn-admins'],
};

/** The groups of a user. */
export function groupsOf(user: string): string[] {
  return Object.hasOwn(DEV_USERS, user) ? [...(DEV_USERS[user] ?? [])] : [];
}
