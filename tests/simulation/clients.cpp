#include "simulation/clients.hpp"

#include <algorithm>
#include <utility>

namespace unigate::simulation {

namespace {

constexpr int kAsksMax = 15;
constexpr std::int64_t kPatienceUs = 45 * kSecond;

}  // namespace

void Clients::begin(std::int64_t wishes, std::int64_t withinUs, const std::size_t* focus) {
  for (std::int64_t i = 0; i < wishes; ++i) {
    const std::size_t index = wishes_.size();
    Wish wish;
    wish.request.key = "key-" + std::to_string(index);
    wish.request.fingerprint = "body-" + std::to_string(index);
    wish.request.kind =
        focus != nullptr ? *focus : static_cast<std::size_t>(world_.between(0, kKinds.size() - 1));
    wish.request.account = "account-" + std::to_string(world_.between(1, 2));
    wish.request.amount = world_.between(1, 100'000);
    wishes_.push_back(std::move(wish));
    const std::int64_t atUs = world_.between(0, withinUs);
    world_.after(atUs, [this, index] { ask(index, false); });
    if (world_.chance(150)) world_.after(atUs, [this, index] { ask(index, false); });
    if (world_.chance(150)) {
      world_.after(atUs + world_.between(0, 5 * kSecond), [this, index] { ask(index, true); });
    }
  }
}

void Clients::ask(std::size_t index, bool altered) {
  Wish& wish = wishes_[index];
  if (checking_ || wish.asked >= kAsksMax || (!altered && wish.settled)) return;
  ++wish.asked;
  call(index, altered);
}

void Clients::call(std::size_t index, bool altered) {
  Process* process = pick_();
  if (process == nullptr) {
    if (!altered) again(index, kSecond, 3 * kSecond);
    return;
  }
  ClientRequest request = wishes_[index].request;
  if (altered) {
    request.fingerprint += "-altered";
    request.amount += 1;
  }
  const auto call = std::make_shared<Call>(Call{process, index, altered});
  calls_.push_back(call);
  process->handle(request, [this, call, fingerprint = request.fingerprint](Reply reply) {
    heard(call, fingerprint, std::move(reply));
  });
  world_.after(kPatienceUs, [this, call] {
    if (call->over) return;
    call->over = true;
    if (!call->altered) again(call->wish, 0, kSecond);
  });
}

void Clients::heard(const std::shared_ptr<Call>& call, const std::string& fingerprint,
                    Reply reply) {
  if (call->over) return;
  call->over = true;
  world_.note("answered", wishes_[call->wish].request.key, reply.status,
              static_cast<std::int64_t>(reply.told));
  const Told told = reply.told;
  answers_.push_back({world_.nowUs(), call->wish, fingerprint, std::move(reply)});
  if (call->altered || checking_) return;
  Wish& wish = wishes_[call->wish];
  switch (told) {
    case Told::succeeded:
    case Told::declined:
    case Told::processing:
      if (!wish.settled && world_.chance(300)) {
        world_.after(world_.between(0, 20 * kSecond), [this, index = call->wish] {
          wishes_[index].settled = false;
          ask(index, false);
        });
      }
      wish.settled = true;
      return;
    case Told::notExecuted:
      if (world_.chance(700)) return again(call->wish, 100 * kMs, 4 * kSecond);
      wish.settled = true;
      return;
    case Told::unknown:
    case Told::inUse:
    case Told::reused:
      return again(call->wish, 500 * kMs, 4 * kSecond);
  }
}

void Clients::again(std::size_t wish, std::int64_t shortestUs, std::int64_t longestUs) {
  world_.after(world_.between(shortestUs, longestUs), [this, wish] { ask(wish, false); });
}

void Clients::lost(const Process* process) {
  for (const auto& call : calls_) {
    if (call->over || call->process != process) continue;
    call->over = true;
    if (!call->altered) again(call->wish, 10 * kMs, 2 * kSecond);
  }
}

void Clients::askAgain(const Store& store) {
  checking_ = true;
  for (std::size_t index = 0; index < wishes_.size(); ++index) {
    if (store.byKey(wishes_[index].request.key) != nullptr) call(index, false);
  }
}

bool Clients::settled() const {
  return std::all_of(calls_.begin(), calls_.end(), [](const auto& call) { return call->over; }) &&
         std::all_of(wishes_.begin(), wishes_.end(),
                     [](const Wish& wish) { return wish.settled || wish.asked >= kAsksMax; });
}

}  // namespace unigate::simulation
