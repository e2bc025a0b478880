export interface Customer {
  readonly id: string;
  readonly name: string;
  readonly city: string;
}

const LIMIT = 1000;

/** The CRM's whole data, in memory. */
export class Customers {
  #all: Customer[] = [
    { id: 'c-1', name: 'Nordwind Logistics', city: 'Hamburg' },
    { id: 'c-2', name: 'Fabrikam', city: 'Lyon' },
    { id: 'c-3', name: 'Tailspin Toys', city: 'Porto' },
  ];
  #last = this.#all.length;

  list(): readonly Customer[] {
    return this.#all;
  }

  find(id: string): Customer | undefined {
    return this.#all.find((customer) => customer.id === id);
  }

  add(name: string, city: string): Customer {
    if (this.#all.length >= LIMIT) throw new Error(`The demo CRM holds at most ${LIMIT} customers.`);
    const customer = { id: `c-${(this.#last += 1)}`, name, city };
    this.#all.push(customer);
    return customer;
  }

  /** The customer that was there. */
  delete(id: string): Customer | undefined {
    const customer = this.find(id);
    this.#all = this.#all.filter((other) => other !== customer);
    return customer;
  }
}
