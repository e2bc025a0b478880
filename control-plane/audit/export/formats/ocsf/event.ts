import type { RecordFacts, RecordPersonal } from '../../../record.js';
import type { ExportedRecord } from '../../exported-record.js';
import { API_ACTIVITY, APPLICATION_LIFECYCLE, OCSF_VERSION, OTHER, PRODUCT } from './classes.js';
import { classify } from './classification.js';
import { DETAILS } from './details.js';
import { statusOf } from './status.js';
import { unmappedOf } from './unmapped.js';
import { actorOf, sourceOf } from './who.js';

const CALLS = new Set(['tool.call', 'resource.read', 'prompt.get', 'method.use', 'list']);
/** `ai_role_id` of a message to or from a tool. */
const TOOL = { ai_role_id: 3, ai_role: 'Tool' };

/** One record as an event of OCSF 1.8.0. `time` and durations are milliseconds; `metadata.uid` is the record's id. */
export function ocsfEvent(record: ExportedRecord): object {
  const { idx, header, personal } = record;
  const { id, type, ts } = header;
  const facts = header.facts as RecordFacts;
  const { of, activity } = classify(record);
  const activityName = of.activities[activity] ?? type;
  const isAi = CALLS.has(type);
  const profiles = of === API_ACTIVITY ? [...(isAi ? ['ai_operation'] : []), ...(facts.trace ? ['trace'] : [])] : [];
  return {
    activity_id: activity,
    activity_name: activityName,
    category_uid: of.category.uid,
    category_name: of.category.name,
    class_uid: of.uid,
    class_name: of.name,
    type_uid: of.uid * 100 + activity,
    type_name: `${of.name}: ${activity === OTHER ? 'Other' : activityName}`,
    time: ts,
    ...durationOf(facts, ts),
    ...statusOf(record),
    ...(personal.reason === undefined ? {} : { status_detail: personal.reason }),
    metadata: {
      version: OCSF_VERSION,
      uid: id,
      // An intent and its outcome have the same.
      correlation_uid: header.ref ?? id,
      sequence: idx,
      event_code: type,
      log_name: 'audit',
      product: PRODUCT,
      ...(profiles.length === 0 ? {} : { profiles }),
    },
    ...(of === APPLICATION_LIFECYCLE ? {} : originOf(facts, personal)),
    ...DETAILS[of.uid]?.({ id, type, facts, personal }),
    ...(isAi ? { message_context: { ...TOOL, service: { name: facts.server ?? PRODUCT.name } } } : {}),
    ...(profiles.includes('trace') ? { trace: { uid: facts.trace } } : {}),
    unmapped: unmappedOf(record),
  };
}

function originOf(facts: RecordFacts, personal: RecordPersonal): object {
  return {
    actor: actorOf(facts, personal),
    src_endpoint: sourceOf(facts, personal),
    ...(personal.userAgent === undefined ? {} : { http_request: { user_agent: personal.userAgent } }),
  };
}

function durationOf({ durationMs }: RecordFacts, ts: number): object {
  if (durationMs === undefined) return {};
  return { duration: durationMs, start_time: ts - Math.round(durationMs), end_time: ts };
}
