// Routes that give patterns other modules, add and end them: who may, what is passed on, what is
// answered.
#include "integration/api/api_fixture.hpp"

namespace patchbay::test {
namespace {

class ModuleRoutes : public ApiTest {
 protected:
  void SetUp() override {
    api::ApiOptions options;
    options.token = "secret";
    options.hooks.swap = [this](const api::SwapRequest& request, const auto& answer) {
      note("swap", request.instance, request.module, request.force);
      if (request.back) asked_ += " back";
      answer(result_of(request.instance));
    };
    options.hooks.add = [this](const api::AdditionRequest& request, const auto& answer) {
      note("add", request.instance, request.module, false);
      for (const std::string& table : request.tables) asked_ += " " + table;
      for (const auto& [name, value] : request.settings) asked_ += " " + name + "=" + value;
      if (request.reject_dependents) asked_ += " dependents";
      answer(result_of(request.instance));
    };
    options.hooks.remove = [this](const api::RemovalRequest& request, const auto& answer) {
      note("remove", request.instance, "", request.force);
      answer(result_of(request.instance));
    };
    options.hooks.plugins = [this] {
      asked_ += "plugins";
      return R"({"plugins":[]})";
    };
    start(std::move(options));
  }

  void note(const char* what, const std::string& instance, const std::string& module, bool force) {
    asked_ += what;
    asked_ += " " + instance;
    if (!module.empty()) asked_ += " " + module;
    if (force) asked_ += " force";
  }
  [[nodiscard]] api::ModuleResult result_of(const std::string& instance) const {
    if (refusal_) return tl::unexpected(*refusal_);
    PatternStatus status;
    status.instance = instance;
    status.id = "another";
    return status;
  }

  RawResponse call(const std::string& method, const std::string& target,
                   const std::string& body = "", const std::string& token = "secret") {
    return ask(api_->port(), method, target, body, {{"Authorization", "Bearer " + token}});
  }
  RawResponse swap(const std::string& body) {
    return call("POST", "/api/patterns/fast/swap", body);
  }
  RawResponse add(const std::string& body) { return call("POST", "/api/patterns", body); }

  std::string take_asked() { return std::exchange(asked_, ""); }

  std::string asked_;  // the hooks run while the request waits
  std::optional<api::ModuleError> refusal_;
};

TEST_F(ModuleRoutes, WantTheTokenOnEveryAddress) {
  const std::string body = R"({"module":"m","pattern":"p"})";
  for (const auto& [method, target] :
       {std::pair("POST", "/api/patterns/fast/swap"), std::pair("POST", "/api/patterns"),
        std::pair("DELETE", "/api/patterns/fast")}) {
    EXPECT_EQ(ask(api_->port(), method, target, body).status, 401) << method << target;
    EXPECT_EQ(call(method, target, body, "secreT").status, 401) << method << target;
    EXPECT_EQ(call(method, std::string(target) + "?token=secret", body, "").status, 401);
  }
  EXPECT_EQ(take_asked(), "");
  EXPECT_EQ(get("/api/plugins").status, 200) << "what there is may be read as the rest may";
}

TEST_F(ModuleRoutes, AreShutWhereTheHostHasNoToken) {
  api_->stop();
  api::ApiOptions options;
  options.hooks.remove = [this](const auto&, const auto&) { asked_ += "remove"; };
  start(std::move(options));
  EXPECT_EQ(call("DELETE", "/api/patterns/fast", "", "").status, 401);
  EXPECT_EQ(ask(api_->port(), "DELETE", "/api/patterns/fast").status, 401);
  EXPECT_EQ(take_asked(), "");
}

TEST_F(ModuleRoutes, PassASwapOn) {
  const RawResponse swapped = swap(R"({"module":"/a/new.so"})");
  EXPECT_EQ(swapped.status, 200);
  EXPECT_EQ(swapped.json()["pattern"], "fast");
  EXPECT_EQ(swapped.json()["id"], "another");
  EXPECT_EQ(take_asked(), "swap fast /a/new.so");
  EXPECT_EQ(swap(R"({"module":"m","force":true,"back":false})").status, 200);
  EXPECT_EQ(take_asked(), "swap fast m force");
  EXPECT_EQ(swap(R"({"back":true})").status, 200);
  EXPECT_EQ(take_asked(), "swap fast back");
  EXPECT_EQ(swap(R"({"back":true,"force":true})").status, 200);
  EXPECT_EQ(take_asked(), "swap fast force back");
}

TEST_F(ModuleRoutes, PassAnAdditionOn) {
  EXPECT_EQ(add(R"({"pattern":"notes"})").status, 200);
  EXPECT_EQ(take_asked(), "add notes notes");
  const RawResponse added =
      add(R"({"pattern":"notes","module":"online","tables":["a","s.b"],"on_reject":"dependents",)"
          R"("settings":{"text":"t","number":1.10,"flag":true}})");
  EXPECT_EQ(added.status, 200);
  EXPECT_EQ(added.json()["pattern"], "notes");
  EXPECT_EQ(take_asked(), "add notes online a s.b flag=true number=1.10 text=t dependents");
  EXPECT_EQ(add(R"({"pattern":"notes","on_reject":"write"})").status, 200);
  EXPECT_EQ(take_asked(), "add notes notes");
}

TEST_F(ModuleRoutes, PassARemovalOn) {
  EXPECT_EQ(call("DELETE", "/api/patterns/fast").json()["pattern"], "fast");
  EXPECT_EQ(take_asked(), "remove fast");
  EXPECT_EQ(call("DELETE", "/api/patterns/fast?force=false").status, 200);
  EXPECT_EQ(take_asked(), "remove fast");
  EXPECT_EQ(call("DELETE", "/api/patterns/fast?force=true").status, 200);
  EXPECT_EQ(take_asked(), "remove fast force");
}

TEST_F(ModuleRoutes, GiveTheListOfPlugins) {
  EXPECT_EQ(get("/api/plugins").body, R"({"plugins":[]})");
  EXPECT_EQ(take_asked(), "plugins");
  EXPECT_EQ(call("POST", "/api/plugins", "{}").status, 405);
}

TEST_F(ModuleRoutes, KnowNoOtherPatternsAndMethods) {
  for (const auto& [method, target] : {std::pair("POST", "/api/patterns/never/swap"),
                                       std::pair("DELETE", "/api/patterns/never")}) {
    const RawResponse response = call(method, target, R"({"module":"m"})");
    EXPECT_EQ(response.status, 404) << target;
    EXPECT_EQ(message_of(response),
              "There is no pattern \"never\"; GET /api/patterns lists those that run.");
  }
  EXPECT_EQ(call("GET", "/api/patterns/fast/swap").status, 405);
  EXPECT_EQ(call("GET", "/api/patterns/fast").status, 405);
  EXPECT_EQ(call("DELETE", "/api/patterns").status, 405);
  EXPECT_EQ(get("/api/patterns").status, 200);
  EXPECT_EQ(take_asked(), "");
}

TEST_F(ModuleRoutes, RefuseABodyThatIsWrong) {
  for (const char* body : {"", "[]", "{}", R"({"module":""})", R"({"module":5})",
                           R"({"module":"m","force":"yes"})", R"({"back":1})", R"({"back":false})",
                           R"({"module":"m","back":true})", R"({"module":"m","forced":true})"}) {
    EXPECT_EQ(swap(body).status, 400) << body;
  }
  for (const char* body :
       {"", "[]", "{}", R"({"pattern":""})", R"({"pattern":1})", R"({"pattern":"p","module":1})",
        R"({"pattern":"p","tables":"t"})", R"({"pattern":"p","tables":[1]})",
        R"({"pattern":"p","settings":[]})", R"({"pattern":"p","settings":{"a":null}})",
        R"({"pattern":"p","settings":{"a":{}}})", R"({"pattern":"p","on_reject":"all"})",
        R"({"pattern":"p","module":"a\nb"})", R"({"pattern":"p","tables":["a\nb"]})",
        R"({"pattern":"p","settings":{"a":"b\nmodule x"}})",
        R"({"pattern":"p","settings":{"a\nb":1}})", R"({"pattern":"p","settings":{"a=b":1}})",
        R"({"pattern":"p","on_reject":true})", R"({"pattern":"p","force":true})"}) {
    EXPECT_EQ(add(body).status, 400) << body;
  }
  EXPECT_EQ(call("DELETE", "/api/patterns/fast?force=yes").status, 400);
  EXPECT_EQ(take_asked(), "");
}

TEST_F(ModuleRoutes, SayWhyNothingWasChanged) {
  const auto answer = [this](ErrorCode code) {
    refusal_ = Error{code, "The reason."};
    const RawResponse response = swap(R"({"module":"m"})");
    return std::to_string(response.status) + " " + response.json()["error"].dump();
  };
  EXPECT_EQ(answer(ErrorCode::rejected), R"(409 {"code":"rejected","message":"The reason."})");
  EXPECT_EQ(answer(ErrorCode::retry), R"(503 {"code":"retry","message":"The reason."})");
  EXPECT_EQ(answer(ErrorCode::cancelled), R"(503 {"code":"cancelled","message":"The reason."})");
  EXPECT_EQ(answer(ErrorCode::unsupported),
            R"(501 {"code":"unsupported","message":"The reason."})");
  EXPECT_EQ(answer(ErrorCode::in_doubt), R"(500 {"code":"in_doubt","message":"The reason."})");
}

TEST_F(ModuleRoutes, SayThatForceWouldHelp) {
  refusal_ = api::ModuleError({ErrorCode::rejected, "In memory only."}, true);
  for (const RawResponse& response :
       {swap(R"({"module":"m"})"), call("DELETE", "/api/patterns/fast")}) {
    EXPECT_EQ(response.status, 409);
    EXPECT_EQ(response.json()["error"].dump(),
              R"({"code":"rejected","message":"In memory only.","force":true})");
  }
}

TEST_F(ApiTest, TellsNothingOfAPatternThatHasGone) {
  RawConnection events(api_->port());
  events.send("GET /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  events.read_until("event: hello");
  api_->remove_pattern("fast");
  fast_.set_state(PatternState::failed, "It has ended.");
  fast_.settle();
  slow_.set_state(PatternState::failed, "Read this.");
  const std::string& told = events.read_until("Read this.");
  EXPECT_NE(told.find(R"("state":"removed")"), std::string::npos);
  EXPECT_EQ(told.find("It has ended."), std::string::npos);
}

}  // namespace
}  // namespace patchbay::test
