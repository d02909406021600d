import { UserError } from "../base/errors.ts";

/** A mistake in one of the parameters of a data set, which a config may say by that name. */
export class ParameterError extends UserError {
  override name = "ParameterError";
  /** As it stands beside the data set's name: `label`, `test`. */
  readonly parameter: string;

  constructor(parameter: string, message: string, options: { hint?: string } = {}) {
    super(message, options);
    this.parameter = parameter;
  }
}
