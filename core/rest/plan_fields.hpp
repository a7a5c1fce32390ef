// The fields of a plan, for plans of their own and for those made together with a subscription.
#pragma once

#include <vector>

#include "rest/resource_form.hpp"

namespace unigate::rest {

inline std::vector<FieldSpec> planFields() {
  return {{"amount", FieldIs::amount, true},
          {"currency", FieldIs::currency, true},
          {"interval", FieldIs::word, true, 0, {}, {}, {"day", "week", "month", "quarter", "year"}},
          {"interval_count", FieldIs::number, false, 365},
          {"product", FieldIs::reference, false, 0, {}, "product"},
          {"name", FieldIs::text, false, 127},
          {"description", FieldIs::text, false, 127},
          {"trial_days", FieldIs::count, false, 730}};
}

}  // namespace unigate::rest
