#include "store/transition_row.hpp"

#include "store/dialect.hpp"

namespace unigate::store {

namespace {

// The value of the change's column.
std::string given(Engine engine, const std::string& column) {
  return (engine == Engine::postgres ? "given." : ":") + column;
}

}  // namespace

std::string transitionSql(Engine engine) {
  const auto value = [engine](const char* column) { return given(engine, column); };
  const auto set = [&value](const std::string& column, const char* to) {
    return column + " = " + value(to) + ", ";
  };
  const auto setWhen = [&value](const std::string& when, const std::string& column,
                                const char* to) {
    return column + " = CASE WHEN " + when + " THEN " + value(to) + " ELSE operations." + column +
           " END, ";
  };
  const std::string isFinal = value("is_final") + " = 1";
  const std::string names = isFinal + " AND " + value("new_resource") + " <> ''";
  return "UPDATE operations SET " + set("state", "to_state") + set("fence", "to_fence") +
         set("attempt", "to_attempt") + set("epoch", "to_epoch") + set("owner", "new_owner") +
         set("updated_at", "at") + set("next_resolve_at", "resolve_at") +
         setWhen(value("new_sent_at") + " > 0", "sent_at", "new_sent_at") +
         setWhen(isFinal, "outcome", "new_outcome") + setWhen(isFinal, "error", "new_error") +
         setWhen(isFinal, "response_status", "new_status") +
         setWhen(isFinal, "response_headers", "new_headers") +
         setWhen(isFinal, "response_body", "new_body") +
         setWhen(names, "resource_id", "new_resource") +
         setWhen(isFinal, "provider_request_id", "new_request_id") +
         setWhen(isFinal, "finished_at", "new_finished_at") +
         setWhen(isFinal, "provider_us", "new_provider_us") +
         setWhen(isFinal, "own_us", "new_own_us") +
         "transition_seq = operations.transition_seq + 1" +
         (engine == Engine::postgres ? " FROM " + collectedRows<TransitionChange>() : "") +
         " WHERE operations.id = " + value("operation_id") +
         " AND operations.org_id IS NOT DISTINCT FROM " + value("tenant") +
         " AND operations.state = " + value("from_state") +
         " AND operations.fence = " + value("from_fence") +
         " AND operations.state NOT IN ('succeeded', 'failed')"
         " AND COALESCE((SELECT version FROM resources WHERE resources.id = " +
         value("known_id") + " AND resources.org_id IS NOT DISTINCT FROM " + value("tenant") +
         " AND resources.environment IS NOT DISTINCT FROM " + value("known_environment") +
         dialect::forUpdate(engine) + "), 0) = " + value("known_version") +
         " RETURNING " + value("ticket") + ", transition_seq";
}

}  // namespace unigate::store
