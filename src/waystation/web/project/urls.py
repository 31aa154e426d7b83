"""Every address of the web room."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path, re_path

from waystation.web.accounts.api import whoami
from waystation.web.overview.views import home
from waystation.web.project.views import favicon, healthz, nothing_here
from waystation.web.tracking.api.feeds import Releases, robots
from waystation.web.tracking.api.rest import api as rest

admin.site.login = secure_admin_login(  # type: ignore[method-assign]  # as allauth says to
    admin.site.login
)

urlpatterns = [
    path("", home, name="home"),
    path("healthz", healthz, name="healthz"),
    path("favicon.ico", favicon, name="favicon"),
    path("", include("waystation.web.accounts.urls")),
    path("operations/", include("waystation.web.tracking.urls")),
    path("", include("waystation.web.tracking.urls.dtm")),
    path("api/v1/whoami", whoami, name="whoami"),
    path("api/v1/", rest.urls),
    path("ogc/", include("waystation.web.tracking.urls.features")),
    path("statistics/", include("waystation.web.statistics.urls")),
    path("sdmx/", include("waystation.web.statistics.urls.sdmx")),
    path("releases.atom", Releases(), name="feed"),
    path("robots.txt", robots, name="robots"),
    # Pages of allauth that need e-mail or let strangers in; their names must stay.
    re_path(
        r"^accounts/(?:signup|email|confirm-email|password/(?:re)?set|login/code)/",
        nothing_here,
    ),
    path("accounts/", include("allauth.urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
]
