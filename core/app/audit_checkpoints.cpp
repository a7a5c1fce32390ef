#include "app/audit_checkpoints.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <utility>

#include "base/text.hpp"
#include "unigate/json.hpp"
#include "vault/signature.hpp"

namespace unigate::app {

namespace {

constexpr const char* kLabel = "audit checkpoints";

base::Problem cannotWrite(const std::string& file) {
  return {500,
          "checkpoint_failed",
          "cannot write the audit checkpoint to " + file + ": " + std::strerror(errno),
          "audit.checkpoint_file",
          false,
          0,
          {}};
}

}  // namespace

base::Result<std::string> makeCheckpoint(store::ReadSession& reader, const vault::Vault& vault,
                                         const base::Clock& clock) {
  const auto heads = reader.auditHeads();
  if (!heads) return base::fail(heads.error());
  const auto seed = vault.deriveKey(kLabel);
  json::Writer out;
  out.beginObject().member("at", base::toRfc3339(clock.unixMs())).key("chains").beginArray();
  for (const store::AuditHead& head : *heads) {
    out.beginObject()
        .member("chain", head.chain)
        .member("seq", head.seq)
        .member("hash", head.hash)
        .endObject();
  }
  out.endArray()
      .member("public_key", base::toBase64(vault::ed25519PublicKey(seed.reveal())))
      .endObject();
  const std::string signedText = out.take();
  const auto signature = vault::ed25519Sign(seed.reveal(), signedText);
  if (signature.empty()) return base::fail(500, "internal_error", "the checkpoint is not signed");
  json::Writer line;
  line.beginObject()
      .member("checkpoint", signedText)
      .member("signature", base::toBase64(signature))
      .endObject();
  return line.take();
}

base::Status appendCheckpoint(const std::string& file, const std::string& line) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0) return base::fail(cannotWrite(file));
  const std::string text = line + "\n";
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(fd) == 0;
  const auto problem = cannotWrite(file);
  ::close(fd);
  if (!written) return base::fail(problem);
  return {};
}

base::Result<std::vector<Checkpoint>> readCheckpoints(const std::string& file,
                                                      const vault::Vault& vault) {
  std::ifstream in(file);
  if (!in) return base::fail(404, "no_checkpoints", "cannot read " + file);
  const auto seed = vault.deriveKey(kLabel);
  const auto publicKey = vault::ed25519PublicKey(seed.reveal());
  std::vector<Checkpoint> checkpoints;
  std::string text;
  for (int number = 1; std::getline(in, text); ++number) {
    const auto refuse = [&](const char* why) {
      return base::fail(422, "bad_checkpoint",
                        file + " line " + std::to_string(number) + " " + why);
    };
    json::Document line;
    json::Document body;
    json::ReadError error;
    if (!line.parse(text, error)) return refuse("is not a checkpoint");
    const std::string signedText(line["checkpoint"].stringOr(""));
    const auto signature = base::fromBase64(line["signature"].stringOr(""));
    if (!signature || !vault::ed25519Verify(publicKey, signedText, *signature))
      return refuse("was not signed with this gateway's key");
    if (!body.parse(signedText, error)) return refuse("is not a checkpoint");
    Checkpoint checkpoint;
    checkpoint.at = body["at"].stringOr("");
    for (const json::View each : body["chains"].items()) {
      checkpoint.heads.push_back({each["chain"].int64Or(0), each["seq"].int64Or(0),
                                  std::string(each["hash"].stringOr(""))});
    }
    checkpoints.push_back(std::move(checkpoint));
  }
  return checkpoints;
}

CheckpointSchedule::CheckpointSchedule(std::string file, std::int64_t everyMinutes,
                                       std::unique_ptr<store::ReadSession> reader,
                                       const vault::Vault& vault, const base::Clock& clock,
                                       telemetry::Logger& log)
    : file_(std::move(file)),
      everyMinutes_(everyMinutes),
      reader_(std::move(reader)),
      vault_(vault),
      clock_(clock),
      log_(log),
      thread_([this] { serve(); }) {}

CheckpointSchedule::~CheckpointSchedule() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void CheckpointSchedule::serve() {
  for (;;) {
    add();
    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, std::chrono::minutes(everyMinutes_), [this] { return stopping_; }))
      return;
  }
}

void CheckpointSchedule::add() {
  const auto line = makeCheckpoint(*reader_, vault_, clock_);
  base::Status status = line ? appendCheckpoint(file_, *line) : base::fail(line.error());
  if (status) return;
  log_.log(telemetry::Level::error, "no audit checkpoint",
           {telemetry::Field::text("reason", status.error().detail)});
}

}  // namespace unigate::app
