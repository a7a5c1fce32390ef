// Routes of a resource from a declaration: create, list, get and the actions on one. Each resource
// file declares its own; what differs from the common way is written out there.
#pragma once

#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "rest/call.hpp"
#include "rest/resource_form.hpp"

namespace unigate::rest {

// Checks that concern several fields; puts faults into the reader.
using FormCheck = void (*)(FieldReader& fields, json::View body);

// Something that is done to one resource: POST <collection>/{id}/<suffix>, or with an empty suffix
// `method` on the item itself.
struct Action {
  std::string_view suffix;
  std::string_view operation;  // the adapter's
  std::vector<FieldSpec> fields = {};
  FormCheck check = nullptr;
  std::string_view method = "POST";
  // Members of the stored document that the adapter is told, under the second name.
  std::vector<std::pair<std::string_view, std::string_view>> told = {};
};

struct ResourceRoutes {
  std::string_view kind;             // gateway/kinds.hpp
  std::string_view scope;            // "payouts"
  std::string_view createOperation;  // the adapter's; empty: not made through us
  std::vector<FieldSpec> createFields = {};
  FormCheck createCheck = nullptr;
  // The adapter's list operation; empty: our own records only.
  std::string_view listOperation = {};
  bool lists = true;
  // Filters besides the common ones, e.g. "customer".
  std::vector<std::string_view> filters = {};
  std::vector<Action> actions = {};
};

// Adds what is declared.
void addResourceRoutes(std::vector<Route>& routes, ResourceRoutes declaration);

// The parts, for resources that hang under others.
void createResource(const Call::Ptr& call, const ResourceRoutes& resource);
void listResources(const Call::Ptr& call, const ResourceRoutes& resource);
void actOnResource(const Call::Ptr& call, const ResourceRoutes& resource, const Action& action,
                   const std::string& id);

// One page from a provider; `more` are members for the adapter besides paging and times (JSON
// members, comma-separated, may be empty). `provider` empty: by routing.
void listAtProvider(const Call::Ptr& call, std::string_view kind, std::string_view operation,
                    const std::string& provider, const std::string& more);

}  // namespace unigate::rest
