// The kinds of resources that the API shows, as data: ids, collections, statuses, and which member
// of a document comes from which member of an adapter's output. documents.cpp builds by it, REST
// asks it for paths and statuses. Payments, refunds and customers have documents of their own form
// (documents.cpp) and stand here with the rest of their facts.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace unigate::gateway {

// One member of a document.
struct Member {
  enum class Is {
    value,      // as the adapter says, else as the client sent it, else as it was
    given,      // as the client sent it, else as the adapter says
    momentary,  // as this answer of the provider says, or null: next_action, failure
    time,       // `output` in Unix seconds, shown in RFC 3339
    reference,  // our id of `output`, and beside it "<name>_provider_id"
    failure,    // momentary, in the API's form of a failure
  };
  std::string_view name;
  Is is = Is::value;
  std::string_view output = {};  // its name in the adapter's output; empty: the same
  std::string_view kind = {};    // of what a reference names
};

struct Kind {
  std::string_view name;                        // "payout"
  std::string_view idPrefix;                    // "po_"
  std::string_view collection;                  // "/v1/payouts"
  std::vector<std::string_view> statuses = {};  // that can be filtered by
  std::vector<std::string_view> late = {};      // statuses that only an end may follow
  std::vector<std::string_view> ends = {};      // statuses that nothing follows
  std::vector<Member> members = {};             // empty for those of documents.cpp's own form
  // An operation whose outcome is unknown shows as status "processing" in a resource that existed
  // before.
  bool showsProcessing = true;
  bool bornAtProvider = false;  // made by the provider, so lists ask it
  bool movesByItself = true;    // can change without an operation of ours
  bool hasItems = true;         // "<collection>/<id>" is a path
};

// Null for a name that is none.
const Kind* findKind(std::string_view name);
std::span<const Kind> allKinds();

}  // namespace unigate::gateway
