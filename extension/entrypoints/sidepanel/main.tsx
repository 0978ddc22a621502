import '../../panel/panel.css'
import { PanelPage } from '../../panel/panel.tsx'
import { mount } from '../../ui/mount.tsx'

mount(<PanelPage />, 'panel_title')
