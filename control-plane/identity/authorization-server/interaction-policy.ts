import { interactionPolicy } from 'oidc-provider';

/**
 * No authorization rests on an earlier one: each goes through the IdP and the confirm page, whatever session the
 * browser still has.
 */
export function alwaysSignIn(): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base();
  const { Check } = interactionPolicy;
  policy
    .get('login')
    ?.checks.add(
      new Check('every_time', 'End-User authentication is required', 'login_required', (context) =>
        context.oidc.result?.login === undefined ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT,
      ),
    );
  return policy;
}
