// The merchants' programs: each wants some things done, asks for each under one key until it knows
// what became of it, sometimes twice at once or with another body, and remembers every answer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "simulation/gateway.hpp"

namespace unigate::simulation {

struct Answer {
  std::int64_t atUs = 0;
  std::size_t wish = 0;  // its index
  std::string fingerprint;
  Reply reply;
};

struct Wish {
  ClientRequest request;
  int asked = 0;
  bool settled = false;  // the client is content with what it was told
};

class Clients {
 public:
  // `pick` gives a process that takes requests, or null.
  Clients(World& world, std::function<Process*()> pick) : world_(world), pick_(std::move(pick)) {}

  // Makes wishes within the given time; `focus` is the kind of all of them, if any.
  void begin(std::int64_t wishes, std::int64_t withinUs, const std::size_t* focus);
  // Connections to it are gone.
  void lost(const Process* process);
  // Asks for nothing new any more, but for each key that is bound once again, to see that what was
  // told is still told.
  void askAgain(const Store& store);
  bool settled() const;

  const std::vector<Wish>& wishes() const { return wishes_; }
  const std::vector<Answer>& answers() const { return answers_; }

 private:
  struct Call {
    const Process* process;
    std::size_t wish;
    bool altered;
    bool over = false;
  };

  void ask(std::size_t wish, bool altered);
  void call(std::size_t wish, bool altered);
  void heard(const std::shared_ptr<Call>& call, const std::string& fingerprint, Reply reply);
  void again(std::size_t wish, std::int64_t shortestUs, std::int64_t longestUs);

  World& world_;
  std::function<Process*()> pick_;
  std::vector<Wish> wishes_;
  std::vector<Answer> answers_;
  std::vector<std::shared_ptr<Call>> calls_;  // shared with the events that end them
  bool checking_ = false;
};

}  // namespace unigate::simulation
