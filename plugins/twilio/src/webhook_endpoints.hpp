// Where Twilio sends its webhooks: it knows no endpoints of an account, but a URL of each number
// and of each messaging service. Used by the operations on webhook endpoints.
#pragma once

#include <string>
#include <vector>

#include "wire.hpp"

namespace twilio {

// The state of a create (or of the question what became of one) and of a delete.
struct EndpointChange {
  enum class Waiting { ForNumber, ForChange };
  Waiting waiting = Waiting::ForNumber;
  bool asking = false;  // nothing is changed
  std::string url;
  bool inbound = false;   // messages that come in
  bool progress = false;  // status of messages or calls
  std::string id;
};

sdk::Step startEndpointCreate(EndpointChange& change, const sdk::WebhookEndpointCreate& in,
                              const sdk::Call& call);
sdk::Step askEndpointCreate(EndpointChange& change, const sdk::WebhookEndpointCreate& in,
                            const sdk::Call& call);
sdk::Step nextEndpointCreate(EndpointChange& change, const sdk::HttpResponse& response,
                             const sdk::Call& call);

sdk::Step startEndpointDelete(EndpointChange& change, const sdk::WebhookEndpointDelete& in,
                              const sdk::Call& call);
sdk::Step askEndpointDelete(EndpointChange& change, const sdk::WebhookEndpointDelete& in,
                            const sdk::Call& call);
sdk::Step nextEndpointDelete(EndpointChange& change, const sdk::HttpResponse& response,
                             const sdk::Call& call);

// The state of a list: the messaging service of the account goes before its numbers.
struct EndpointList {
  std::vector<sdk::WebhookEndpoint> first;
  bool service = false;
  std::int64_t limit = 10;
};
sdk::Step startEndpointList(EndpointList& list, const sdk::ListQuery& in, const sdk::Call& call);
sdk::Step nextEndpointList(EndpointList& list, const sdk::HttpResponse& response,
                           const sdk::Call& call);

}  // namespace twilio
