export interface Customer {
  readonly id: string;
  readonly name: string;
  readonly city: string;
}

const LIMIT = 1000;

/** The CRM's whole data, in memory. */
export class Customers {
  readonly #all: Customer[] = [
    { id: 'c-1', name: 'Nordwind Logistics', city: 'Hamburg' },
    { id: 'c-2', name: 'Fabrikam', city: 'Lyon' },
    { id: 'c-3', name: 'Tailspin Toys', city: 'Porto' },
  ];

  list(): readonly Customer[] {
    return this.#all;
  }

  find(id: string): Customer | undefined {
    return this.#all.find((customer) => customer.id === id);
  }

  add(name: string, city: string): Customer {
    if (this.#all.length >= LIMIT) throw new Error(`The demo CRM holds at most ${LIMIT} customers.`);
    const customer = { id: `c-${this.#all.length + 1}`, name, city };
    this.#all.push(customer);
    return customer;
  }
}
