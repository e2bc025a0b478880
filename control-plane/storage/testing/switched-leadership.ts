import { Leadership } from '../leadership/leadership.js';

/** Leads in everything for as long as a test says so. */
export class SwitchedLeadership extends Leadership {
  leads = true;

  holds(): boolean {
    return this.leads;
  }
}
