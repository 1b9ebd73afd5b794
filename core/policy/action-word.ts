import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';

const ACTION_WORDS: Readonly<Record<Action, string>> = {
  [Action.UNSPECIFIED]: '',
  [Action.ALLOW]: 'allow',
  [Action.DENY]: 'deny',
  [Action.REQUIRE_APPROVAL]: 'requireApproval',
};

/** The action as policies write it. */
export function actionWord(action: Action): string {
  return ACTION_WORDS[action] ?? '';
}
